using Confluent.Kafka;
using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A message that <see cref="RejectionRules"/> rejected.</summary>
/// <param name="Topic">The topic of the message.</param>
/// <param name="Partition">The partition of the message.</param>
/// <param name="Offset">The offset of the message.</param>
/// <param name="Reason">Why the message is not a reading.</param>
/// <param name="Detail">The reason in full: the member, its value, and the values that it may have.</param>
/// <param name="Bytes">The unchanged value of the message. Null for a tombstone.</param>
/// <param name="Message">The rest of the message.</param>
internal sealed record DeadLetter(
    string Topic, int Partition, long Offset, RejectReason Reason, string Detail, byte[]? Bytes, MessageAttributes Message)
{
    /// <summary>The size of the value, the key and the headers, in bytes.</summary>
    public int Size => (Bytes?.Length ?? 0) + Message.Size;
}

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
