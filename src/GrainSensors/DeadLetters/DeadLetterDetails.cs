using System.Globalization;
using System.Text;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>Formats all details of one dead letter as text.</summary>
internal static class DeadLetterDetails
{
    /// <summary>In characters.</summary>
    private const int MaxKeyLength = 60;

    public static string Of(DeadLetterRecord filed, string topic)
    {
        var letter = filed.Message;
        var text = new StringBuilder();
        void Add(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-9} {value}\n");
        string Source(DeadLetterSource source) =>
            PrintableText.Escape($"{source.Topic}, partition {source.Partition}, offset {source.Offset}");

        Add("id", $"{letter.Id} of {topic}");
        Add("time", UtcText.ToMilliseconds(letter.Time));
        Add("reason", PrintableText.Escape(letter.Reason));
        if (letter.Detail is { } detail)
        {
            Add("detail", PrintableText.Escape(detail));
        }

        Add("source", letter.Source is { } source ? Source(source) : "unknown");
        Add("size", SizeOf(letter));
        Add("state", filed.Requeued is { } mark
            ? $"requeued to {PrintableText.Escape(mark.To)} at {UtcText.ToMilliseconds(mark.At)}"
            : "open");
        if (filed.Copies.Count > 1)
        {
            Add("copies", $"{string.Join(", ", filed.Copies)}: the same bytes from the same place");
        }

        if (letter.Message is { } message)
        {
            Add("key", message.Key is null ? "none" : PrintableText.Preview(message.Key, MaxKeyLength));
            Add("written", message.Timestamp is { } at
                ? UtcText.ToMilliseconds(DateTimeOffset.FromUnixTimeMilliseconds(at)) : "unknown");
        }

        foreach (var (name, value) in letter.Headers)
        {
            Add("header", PrintableText.Escape($"{name} = {value ?? "null"}"));
        }

        if (letter.Bytes is { Length: > 0 } bytes)
        {
            text.Append('\n').Append(PrintableText.Plain(bytes) ?? string.Join('\n', HexDump.Rows(bytes)));
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string SizeOf(DeadLetterMessage letter) =>
        letter.Bytes is null ? "none: the value is null (a tombstone)"
        : letter.OriginalSize is { } original ? $"{Bytes(letter.Bytes.Length)}, a part of {original}: Kafka refused the full message"
        : Bytes(letter.Bytes.Length);

    private static string Bytes(int count) => count == 1 ? "1 byte" : string.Create(CultureInfo.InvariantCulture, $"{count} bytes");
}
