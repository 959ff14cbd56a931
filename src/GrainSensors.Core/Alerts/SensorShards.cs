using System.Buffers.Binary;
using System.Globalization;

namespace GrainSensors.Core.Alerts;

/// <summary>Which sensors are watched together.</summary>
/// <remarks>
/// By the hash that Kafka's producers send a key by: with 60 shards, which most numbers of partitions have a large divisor
/// in common with, the sensors of a shard come from one partition or few, whose owner then has the shard beside it.
/// </remarks>
public static class SensorShards
{
    public const int Count = 60;

    /// <summary>The longest sensor id as text.</summary>
    private const int MaxKeyLength = 11;

    public static int Of(int sensorId) => Hash(sensorId) % Count;

    /// <returns>The shards of the sensors whose key goes to the partition.</returns>
    public static IEnumerable<int> OfPartition(int partition, int partitions)
    {
        var step = GreatestCommonDivisor(Count, Math.Max(1, partitions));
        for (var shard = partition % step; shard < Count; shard += step)
        {
            yield return shard;
        }
    }

    /// <summary>murmur2 of the id as text, without its sign, as Kafka's clients compute it.</summary>
    internal static int Hash(int sensorId)
    {
        const uint M = 0x5BD1E995;
        Span<byte> key = stackalloc byte[MaxKeyLength];
        sensorId.TryFormat(key, out var length, default, CultureInfo.InvariantCulture);
        var hash = 0x9747B28C ^ (uint)length;
        ReadOnlySpan<byte> rest = key[..length];
        for (; rest.Length >= 4; rest = rest[4..])
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(rest) * M;
            hash = (hash * M) ^ ((k ^ (k >> 24)) * M);
        }

        if (rest.Length > 0)
        {
            for (var i = rest.Length - 1; i >= 0; i--)
            {
                hash ^= (uint)rest[i] << (8 * i);
            }

            hash *= M;
        }

        hash = (hash ^ (hash >> 13)) * M;
        return (int)((hash ^ (hash >> 15)) & 0x7FFFFFFF);
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
