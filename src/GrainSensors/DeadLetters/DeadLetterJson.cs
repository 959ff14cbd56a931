using System.Text.Json.Serialization;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>A dead letter as JSON. Times are UTC with milliseconds, sizes are in bytes.</summary>
/// <param name="Detail">The reason in full; null: an older release wrote the dead letter.</param>
/// <param name="Size">Size of the stored bytes; null: a tombstone.</param>
/// <param name="OriginalSize">Size of the message before it was truncated; null: it was not.</param>
/// <param name="Key">The key of the message in Base64; null: it has none. Only in the details.</param>
/// <param name="State"><c>open</c> or <c>requeued</c>.</param>
/// <param name="Copies">Ids of all dead letters with the same bytes and source, including this one.</param>
/// <param name="Preview">The first bytes, escaped; only in a list.</param>
/// <param name="Headers">The headers; only in the details.</param>
/// <param name="Text">The bytes, if they are text; only in the details.</param>
/// <param name="Base64">The bytes; only in the details.</param>
internal sealed record DeadLetterJson(
    string Id,
    string Time,
    string Reason,
    string? Detail,
    DeadLetterSource? Source,
    int? Size,
    long? OriginalSize,
    string State,
    string? RequeuedAt,
    string? RequeuedTo,
    IReadOnlyList<string> Copies,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Preview,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<KeyValuePair<string, string?>>? Headers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Base64)
{
    private const int PreviewWidth = 60;

    /// <returns>One line of a list.</returns>
    public static string Row(DeadLetterRecord filed) =>
        JsonOutput.Of(Of(filed) with { Preview = PrintableText.Preview(filed.Message.Bytes, PreviewWidth) });

    /// <returns>All details of one dead letter.</returns>
    public static string Details(DeadLetterRecord filed) => JsonOutput.Of(Of(filed) with
    {
        Headers = filed.Message.Headers,
        Key = filed.Message.Message?.Key is { } key ? Convert.ToBase64String(key) : null,
        Text = filed.Message.Bytes is { } bytes ? PrintableText.Plain(bytes) : null,
        Base64 = filed.Message.Bytes is null ? null : Convert.ToBase64String(filed.Message.Bytes),
    });

    private static DeadLetterJson Of(DeadLetterRecord filed)
    {
        var (letter, mark) = (filed.Message, filed.Requeued);
        return new(
            letter.Id.ToString(),
            UtcText.ToMilliseconds(letter.Time),
            letter.Reason,
            letter.Detail,
            letter.Source,
            letter.Bytes?.Length,
            letter.OriginalSize,
            mark is null ? "open" : "requeued",
            mark is null ? null : UtcText.ToMilliseconds(mark.At),
            mark?.To,
            [.. filed.Copies.Select(id => id.ToString())],
            Preview: null,
            Headers: null,
            Key: null,
            Text: null,
            Base64: null);
    }
}
