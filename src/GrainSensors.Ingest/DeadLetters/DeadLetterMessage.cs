using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A dead letter in the dead-letter topic.</summary>
/// <param name="Id">The position in the dead-letter topic.</param>
/// <param name="Time">When the dead letter was written: Kafka's timestamp, to the millisecond, UTC.</param>
/// <param name="Reason">
/// The token of the reason. A later version may define more tokens. <see cref="UnknownReason"/> without the header.
/// </param>
/// <param name="Source">The position of the original message. Null if the headers do not contain it.</param>
/// <param name="Bytes">The unchanged value of the message. Null for a tombstone.</param>
/// <param name="OriginalSize">The size of the message in bytes, if <paramref name="Bytes"/> is truncated. Null otherwise.</param>
/// <param name="Headers">All headers as text, in their order.</param>
public sealed record DeadLetterMessage(
    DeadLetterId Id,
    DateTimeOffset Time,
    string Reason,
    DeadLetterSource? Source,
    byte[]? Bytes,
    long? OriginalSize,
    IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The reason of a dead letter without the header.</summary>
    public const string UnknownReason = "unknown";

    /// <summary>Why the bytes cannot be produced again, as a clause that follows "it". Null if they can.</summary>
    public string? RequeueObstacle =>
        Bytes is null ? "is a tombstone: there are no bytes to produce"
        : OriginalSize is { } size ? $"was truncated: only {Bytes.Length} of its {size} bytes are left"
        : Source is null ? "has no source: the headers source.topic, source.partition and source.offset are incomplete"
        : null;

    internal static DeadLetterMessage From(ConsumeResult<Ignore, byte[]?> record)
    {
        var headers = record.Message.Headers;
        return new(
            new(record.Partition, record.Offset),
            new(record.Message.Timestamp.UtcDateTime),
            headers.Text(DeadLetterHeaders.Reason) ?? UnknownReason,
            SourceOf(headers),
            record.Message.Value,
            headers.Number(DeadLetterHeaders.OriginalSize),
            [.. headers.Select(header => KeyValuePair.Create(header.Key, Encoding.UTF8.GetString(header.GetValueBytes() ?? [])))]);
    }

    private static DeadLetterSource? SourceOf(Headers headers) =>
        headers.Text(DeadLetterHeaders.SourceTopic) is { } topic
        && headers.Number(DeadLetterHeaders.SourcePartition) is { } partition and <= int.MaxValue
        && headers.Number(DeadLetterHeaders.SourceOffset) is { } offset
            ? new(topic, (int)partition, offset)
            : null;
}
