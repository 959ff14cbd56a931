using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A dead letter in the dead-letter topic.</summary>
/// <param name="Id">The position in the dead-letter topic.</param>
/// <param name="Time">When the dead letter was written: Kafka's timestamp, to the millisecond, UTC.</param>
/// <param name="Reason">
/// The token of the reason. A later version may define more tokens. <see cref="UnknownReason"/> without the header.
/// </param>
/// <param name="Detail">The reason in full. Null for a dead letter of an older release.</param>
/// <param name="Source">The position of the original message. Null if the headers do not contain it.</param>
/// <param name="Bytes">The unchanged value of the message. Null for a tombstone.</param>
/// <param name="OriginalSize">The size of the message in bytes, if a part of it is missing. Null otherwise.</param>
/// <param name="Message">The key, the headers and the timestamp of the message. Null for a dead letter of an older release.</param>
/// <param name="Headers">All headers as text, in their order: those of the message, then those of the dead letter.</param>
public sealed record DeadLetterMessage(
    DeadLetterId Id,
    DateTimeOffset Time,
    string Reason,
    string? Detail,
    DeadLetterSource? Source,
    byte[]? Bytes,
    long? OriginalSize,
    MessageAttributes? Message,
    IReadOnlyList<KeyValuePair<string, string?>> Headers)
{
    /// <summary>The rejected readings by their index, as in the header: <c>0,3</c>. Null: the whole message.</summary>
    public string? Parts { get; init; }

    /// <summary>The reason of a dead letter without the header.</summary>
    public const string UnknownReason = "unknown";

    /// <summary>The tokens of all reasons that this version writes or finds.</summary>
    public static IReadOnlyList<string> Reasons { get; } =
    [
        .. Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.None).Select(reason => reason.ToToken()),
        UnknownReason,
    ];

    /// <summary>Why the bytes cannot be produced again, as a clause that follows "it". Null if they can.</summary>
    public string? RequeueObstacle =>
        Bytes is null ? "is a tombstone: there are no bytes to produce"
        : OriginalSize is { } size ? $"was truncated: only {Bytes.Length + (Message?.Size ?? 0)} of its {size} bytes are left"
        : Source is null ? "has no source: the headers source.topic, source.partition and source.offset are incomplete"
        : null;

    /// <summary>The key of the requeued message. A dead letter of an older release has none, so the sensor id takes its place.</summary>
    internal byte[]? RequeueKey => Message is { } message ? message.Key : SensorKey.Of(Bytes);

    internal static DeadLetterMessage From(ConsumeResult<byte[]?, byte[]?> record)
    {
        var headers = record.Message.Headers;
        var count = (int?)headers.Number(DeadLetterHeaders.SourceHeaders);
        var own = new Headers();
        foreach (var header in headers.Skip(count ?? 0))
        {
            own.Add(header.Key, header.GetValueBytes());
        }

        return new(
            new(record.Partition, record.Offset),
            new(record.Message.Timestamp.UtcDateTime),
            own.Text(DeadLetterHeaders.Reason) ?? UnknownReason,
            own.Text(DeadLetterHeaders.Detail),
            SourceOf(own),
            record.Message.Value,
            own.Number(DeadLetterHeaders.OriginalSize),
            count is { } original
                ? new(record.Message.Key, [.. headers.Take(original)], own.Number(DeadLetterHeaders.SourceTimestamp))
                : null,
            [.. headers.Select(header => KeyValuePair.Create(header.Key, TextOf(header.GetValueBytes())))])
        {
            Parts = own.Text(DeadLetterHeaders.Parts),
        };
    }

    private static string? TextOf(byte[]? value) => value is null ? null : Encoding.UTF8.GetString(value);

    private static DeadLetterSource? SourceOf(Headers headers) =>
        headers.Text(DeadLetterHeaders.SourceTopic) is { } topic
        && headers.Number(DeadLetterHeaders.SourcePartition) is { } partition and <= int.MaxValue
        && headers.Number(DeadLetterHeaders.SourceOffset) is { } offset
            ? new(topic, (int)partition, offset)
            : null;
}
