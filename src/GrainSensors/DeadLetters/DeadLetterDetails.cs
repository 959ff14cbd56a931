using System.Globalization;
using System.Text;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>Everything about one letter, for people.</summary>
internal static class DeadLetterDetails
{
    public static string Of(DeadLetterRecord filed, string topic)
    {
        var letter = filed.Message;
        var text = new StringBuilder();
        void Say(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-9} {value}\n");

        Say("letter", $"{letter.Id} of {topic}");
        Say("time", UtcText.ToMilliseconds(letter.Time));
        Say("reason", DeadLetterText.Escape(letter.Reason));
        Say("source", letter.Source is { } source ? DeadLetterText.Escape($"{source.Topic}, partition {source.Partition}, offset {source.Offset}") : "not known");
        Say("size", SizeOf(letter));
        Say("state", filed.Requeued is { } mark ? $"requeued to {DeadLetterText.Escape(mark.To)} at {UtcText.ToMilliseconds(mark.At)}" : "open");
        if (filed.Copies.Count > 1)
        {
            Say("copies", $"{string.Join(", ", filed.Copies)}: the same bytes from the same place");
        }

        foreach (var (name, value) in letter.Headers)
        {
            Say("header", DeadLetterText.Escape($"{name} = {value}"));
        }

        if (letter.Bytes is { Length: > 0 } bytes)
        {
            text.Append('\n').Append(DeadLetterText.Plain(bytes) ?? string.Join('\n', HexDump.Rows(bytes)));
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string SizeOf(DeadLetterMessage letter) =>
        letter.Bytes is null ? "none: a tombstone, which has a null value"
        : letter.OriginalSize is { } original ? $"{Bytes(letter.Bytes.Length)}, the first of {original}: Kafka refused the whole"
        : Bytes(letter.Bytes.Length);

    private static string Bytes(int count) => count == 1 ? "1 byte" : string.Create(CultureInfo.InvariantCulture, $"{count} bytes");
}
