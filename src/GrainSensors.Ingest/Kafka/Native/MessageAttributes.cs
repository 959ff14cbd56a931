using Confluent.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>The parts of a message besides its value, unchanged.</summary>
/// <param name="Key">Null for a message without a key.</param>
/// <param name="Headers">The headers in their order; names may repeat, and values may be null.</param>
/// <param name="Timestamp">Kafka's timestamp, ms since the epoch. Null if the message has none.</param>
public sealed record MessageAttributes(byte[]? Key, IReadOnlyList<IHeader> Headers, long? Timestamp)
{
    /// <summary>A message without any of them.</summary>
    public static MessageAttributes None { get; } = new(null, [], null);

    /// <summary>The size of the key and the headers, in bytes.</summary>
    public int Size => (Key?.Length ?? 0) + Headers.Sum(header => header.Key.Length + (header.GetValueBytes()?.Length ?? 0));
}
