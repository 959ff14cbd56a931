using System.Buffers.Binary;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// Kafka's default partitioner: murmur2 (Austin Appleby's MurmurHash2, 32 bits). A key has the same partition here as in every
/// client with Kafka's default partitioner.
/// </summary>
public static class KafkaPartitioner
{
    private const uint Multiplier = 0x5bd1e995;
    private const int Rotation = 24;

    /// <summary>The seed of Kafka's clients.</summary>
    private const uint Seed = 0x9747b28c;

    /// <summary>Computes the partition of a key.</summary>
    /// <param name="key">The key of a message.</param>
    /// <param name="partitions">The number of partitions of the topic.</param>
    /// <returns>A partition from 0 to <paramref name="partitions"/> − 1.</returns>
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
