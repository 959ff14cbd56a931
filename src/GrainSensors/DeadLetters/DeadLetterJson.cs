using System.Text.Json.Serialization;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>A letter as JSON. Times are UTC to the millisecond, sizes in bytes.</summary>
/// <param name="Size">Of the bytes that are kept; null: a tombstone.</param>
/// <param name="OriginalSize">Of the message, if it was truncated.</param>
/// <param name="State"><c>open</c> or <c>requeued</c>.</param>
/// <param name="Copies">The ids of the letters with the same bytes from the same place, this one among them.</param>
/// <param name="Preview">Of a list: the first bytes, escaped.</param>
/// <param name="Headers">Of one letter.</param>
/// <param name="Text">Of one letter: its bytes, if they are text.</param>
/// <param name="Base64">Of one letter: its bytes.</param>
internal sealed record DeadLetterJson(
    string Id,
    string Time,
    string Reason,
    DeadLetterSource? Source,
    int? Size,
    long? OriginalSize,
    string State,
    string? RequeuedAt,
    string? RequeuedTo,
    IReadOnlyList<string> Copies,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Preview,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<KeyValuePair<string, string>>? Headers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Base64)
{
    private const int PreviewWidth = 60;

    /// <returns>One line of a list.</returns>
    public static string Row(DeadLetterRecord filed) => JsonOutput.Of(Of(filed) with { Preview = DeadLetterText.Preview(filed.Message.Bytes, PreviewWidth) });

    /// <returns>Everything about one letter.</returns>
    public static string Details(DeadLetterRecord filed) => JsonOutput.Of(Of(filed) with
    {
        Headers = filed.Message.Headers,
        Text = filed.Message.Bytes is { } bytes ? DeadLetterText.Plain(bytes) : null,
        Base64 = filed.Message.Bytes is null ? null : Convert.ToBase64String(filed.Message.Bytes),
    });

    private static DeadLetterJson Of(DeadLetterRecord filed)
    {
        var (letter, mark) = (filed.Message, filed.Requeued);
        return new(
            letter.Id.ToString(),
            UtcText.ToMilliseconds(letter.Time),
            letter.Reason,
            letter.Source,
            letter.Bytes?.Length,
            letter.OriginalSize,
            mark is null ? "open" : "requeued",
            mark is null ? null : UtcText.ToMilliseconds(mark.At),
            mark?.To,
            [.. filed.Copies.Select(id => id.ToString())],
            Preview: null,
            Headers: null,
            Text: null,
            Base64: null);
    }
}
