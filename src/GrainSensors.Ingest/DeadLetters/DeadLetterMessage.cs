using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A letter as it lies in the dead-letter topic.</summary>
/// <param name="Time">When it was written, as Kafka has it: to the millisecond, UTC.</param>
/// <param name="Reason">The token of the header, which a later version may have more of; <see cref="UnknownReason"/> without one.</param>
/// <param name="Source">Null: the headers do not say.</param>
/// <param name="Bytes">The message's value as it came; null for a tombstone.</param>
/// <param name="OriginalSize">How many bytes the message had, if <paramref name="Bytes"/> is only the first of them; null: they are all.</param>
/// <param name="Headers">All of them as text, in their order.</param>
public sealed record DeadLetterMessage(
    DeadLetterId Id,
    DateTimeOffset Time,
    string Reason,
    DeadLetterSource? Source,
    byte[]? Bytes,
    long? OriginalSize,
    IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The reason of a record that has none.</summary>
    public const string UnknownReason = "unknown";

    /// <summary>Why its bytes cannot be produced again, to go on after "it"; null: they can.</summary>
    public string? RequeueObstacle =>
        Bytes is null ? "is a tombstone: there are no bytes to produce"
        : OriginalSize is { } size ? $"was truncated: only {Bytes.Length} of its {size} bytes are left"
        : Source is null ? "does not say where it comes from: the headers source.topic, source.partition and source.offset are not all there"
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
