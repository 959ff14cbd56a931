using System.Runtime.InteropServices;

namespace GrainSensors.Ingest.Kafka;

/// <summary>To which partition a reading with a key goes: librdkafka's own computation, that of the Java clients.</summary>
internal static partial class KeyPartitioner
{
    /// <summary>The longest sensor id as text.</summary>
    private const int MaxKeyLength = 11;

    static KeyPartitioner() => KafkaLibrary.Load();

    public static int PartitionOf(int sensorId, int partitions)
    {
        Span<byte> key = stackalloc byte[MaxKeyLength];
        sensorId.TryFormat(key, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        return Murmur2(0, key, (nuint)length, partitions, 0, 0);
    }

    /// <param name="topic">Not used by this partitioner.</param>
    [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_msg_partitioner_murmur2")]
    private static partial int Murmur2(nint topic, ReadOnlySpan<byte> key, nuint length, int partitions, nint opaque, nint messageOpaque);
}
