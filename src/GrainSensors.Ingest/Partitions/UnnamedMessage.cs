using Confluent.Kafka;

namespace GrainSensors.Ingest.Partitions;

/// <summary>A message with a reading whose sensor has a name without a known number, valid until the release of the message.</summary>
internal readonly ref struct UnnamedMessage
{
    public required string Topic { get; init; }

    public required int Partition { get; init; }

    public required long Offset { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Whether the message has a key; an empty key is one.</summary>
    public bool HasKey { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }

    public IReadOnlyList<IHeader> Headers { get; init; }

    /// <summary>Kafka's timestamp, ms since the epoch. Null if the message has none.</summary>
    public long? Timestamp { get; init; }
}
