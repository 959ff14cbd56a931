using System.Text.Json.Serialization;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Web.DeadLetters;

/// <param name="Total">Number of all that the request selects.</param>
/// <param name="ByHour">In the order of time.</param>
/// <param name="Items">The latest ones, newest first.</param>
internal sealed record DeadLettersBody(
    long Total,
    IReadOnlyDictionary<string, long> ByReason,
    IReadOnlyList<DeadLetterCount> ByHour,
    IReadOnlyList<DeadLetterItem> Items)
{
    public static DeadLettersBody Of(DeadLetterList list) => new(
        list.Total,
        list.ByReason.ToDictionary(count => count.Reason, count => count.Count),
        list.Counts,
        [.. list.Latest.Select(DeadLetterItem.Of)]);
}

/// <param name="DeadLetterId"><c>PARTITION:OFFSET</c> in the dead-letter topic.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Detail">The reason in full; null: an older version wrote it.</param>
/// <param name="Size">Number of bytes; null: a tombstone.</param>
/// <param name="RequeuedAt">Null: it is open.</param>
/// <param name="Preview">The beginning of the message.</param>
/// <param name="Obstacle">Why it cannot be requeued, as a clause that follows "it"; null: it can.</param>
internal sealed record DeadLetterItem(
    string DeadLetterId,
    DateTime Time,
    string Reason,
    string? Detail,
    DeadLetterSource? Source,
    int? Size,
    DateTime? RequeuedAt,
    string Preview,
    string? Obstacle)
{
    public static DeadLetterItem Of(DeadLetterLine line) => new(
        $"{line.Id}", line.Time.UtcDateTime, line.Reason, line.Detail, line.Source, line.Size, line.Requeued?.At.UtcDateTime, line.Preview,
        line.Obstacle);
}

/// <param name="Copies">Ids of all dead letters with the same bytes and source, including this one.</param>
/// <param name="Key">Key of the message, in Base64; null: it has none, or it is not known.</param>
/// <param name="Headers">Those of the message, then those of the dead letter.</param>
/// <param name="Text">The bytes, if they are text.</param>
/// <param name="Base64">The bytes; null: a tombstone.</param>
internal sealed record DeadLetterBody(
    DeadLetterItem DeadLetter,
    IReadOnlyList<string> Copies,
    string? Key,
    IReadOnlyList<DeadLetterHeader> Headers,
    string? Text,
    string? Base64)
{
    public static DeadLetterBody Of(DeadLetterRecord record)
    {
        var letter = record.Message;
        return new(
            DeadLetterItem.Of(DeadLetterLine.Of(record)),
            [.. record.Copies.Select(id => id.ToString())],
            letter.Message?.Key is { } key ? Convert.ToBase64String(key) : null,
            [.. letter.Headers.Select(header => new DeadLetterHeader(header.Key, header.Value))],
            letter.Bytes is { } bytes ? PrintableText.Plain(bytes) : null,
            letter.Bytes is null ? null : Convert.ToBase64String(letter.Bytes));
    }
}

internal sealed record DeadLetterHeader(string Name, string? Value);

/// <summary>Selects dead letters by ids, by a filter, or all that are open.</summary>
/// <param name="Source"><c>TOPIC</c>, <c>TOPIC:PARTITION</c> or <c>TOPIC:PARTITION:OFFSET</c>.</param>
/// <param name="DryRun">Nothing is written, and the answer says what would be.</param>
/// <param name="AcceptRejected">Messages that the pipeline will reject again are requeued, too.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RequeueRequest(
    IReadOnlyList<string>? Ids,
    IReadOnlyList<string>? Reasons,
    string? Source,
    string? From,
    string? To,
    bool? AllOpen,
    bool? DryRun,
    bool? AcceptRejected);

/// <param name="Value">Takes the place of the bytes of the message; null: they stay.</param>
/// <inheritdoc cref="RequeueRequest"/>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RequeueOneRequest(string? Value, bool? DryRun, bool? AcceptRejected);
