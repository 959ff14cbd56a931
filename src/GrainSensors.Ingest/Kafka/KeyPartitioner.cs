using System.Globalization;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>The partition of a reading, whose key is its sensor id.</summary>
internal static class KeyPartitioner
{
    /// <summary>Length of the longest sensor id as text.</summary>
    private const int MaxKeyLength = 11;

    public static int PartitionOf(int sensorId, int partitions)
    {
        Span<byte> key = stackalloc byte[MaxKeyLength];
        sensorId.TryFormat(key, out var length, default, CultureInfo.InvariantCulture);
        return KafkaPartitioner.PartitionOf(key[..length], partitions);
    }
}
