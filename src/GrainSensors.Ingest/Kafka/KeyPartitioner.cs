using System.Globalization;
using System.Text;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>The partition of a reading, whose key is the id or name of its sensor.</summary>
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

    /// <param name="sensorId">An id, or the number of the name.</param>
    /// <param name="name">null: the sensor has none.</param>
    public static int PartitionOf(int sensorId, string? name, int partitions) => name is null
        ? PartitionOf(sensorId, partitions)
        : KafkaPartitioner.PartitionOf(Encoding.UTF8.GetBytes(name), partitions);
}
