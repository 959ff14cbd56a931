using System.Buffers.Binary;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>
/// Austin Appleby's MurmurHash2 for 32 bits, as the Java clients of Kafka use it to choose partitions: a key has the same
/// partition here as with any client whose partitioner is Kafka's default.
/// </summary>
internal static class Murmur2
{
    private const uint Multiplier = 0x5bd1e995;
    private const int Rotation = 24;

    /// <summary>Kafka's choice.</summary>
    private const uint Seed = 0x9747b28c;

    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & int.MaxValue) % partitions;

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed ^ (uint)bytes.Length;
        while (bytes.Length >= sizeof(uint))
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Multiplier;
            word = (word ^ (word >> Rotation)) * Multiplier;
            hash = (hash * Multiplier) ^ word;
            bytes = bytes[sizeof(uint)..];
        }

        if (!bytes.IsEmpty)
        {
            uint rest = 0;
            for (var i = bytes.Length - 1; i >= 0; i--)
            {
                rest = (rest << 8) | bytes[i];
            }

            hash = (hash ^ rest) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
