using System.Buffers.Binary;
using System.Globalization;

namespace GrainSensors.Core.Alerts;

/// <summary>The shards of sensors; one monitor grain watches the sensors of a shard.</summary>
/// <remarks>
/// The shard is computed from the hash by which Kafka's producers choose the partition of a key. 60 shares a large divisor with
/// most numbers of partitions. So the sensors of a shard come from few partitions, and the shard runs on the silo that owns them.
/// </remarks>
public static class SensorShards
{
    public const int Count = 60;

    /// <summary>The length of the longest sensor id as text.</summary>
    private const int MaxKeyLength = 11;

    /// <param name="sensorId">An id, or the number of a name, which is chosen so that it has the shard of the name.</param>
    public static int Of(int sensorId) => Hash(sensorId) % Count;

    /// <param name="key">The key of the sensor's messages: its name, or its id as text.</param>
    public static int Of(ReadOnlySpan<byte> key) => Hash(key) % Count;

    /// <returns>The shards that can have sensors whose key belongs to the partition.</returns>
    public static IEnumerable<int> OfPartition(int partition, int partitions)
    {
        var step = GreatestCommonDivisor(Count, Math.Max(1, partitions));
        for (var shard = partition % step; shard < Count; shard += step)
        {
            yield return shard;
        }
    }

    /// <summary>The murmur2 hash of the id as text, without the sign bit, as Kafka's clients compute it.</summary>
    internal static int Hash(int sensorId)
    {
        Span<byte> key = stackalloc byte[MaxKeyLength];
        sensorId.TryFormat(key, out var length, default, CultureInfo.InvariantCulture);
        return Hash(key[..length]);
    }

    private static int Hash(ReadOnlySpan<byte> key)
    {
        const uint M = 0x5BD1E995;
        var hash = 0x9747B28C ^ (uint)key.Length;
        var rest = key;
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
