using System.Globalization;
using System.Text;

namespace GrainSensors.Web.Formatting;

/// <summary>Bytes that are anything, made fit for a terminal.</summary>
internal static class DeadLetterText
{
    /// <summary>Of strict UTF-8: what is no text is to be seen as such.</summary>
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The beginning of the bytes on one line.</summary>
    /// <param name="width">In characters, the last of which is an ellipsis if there is more.</param>
    /// <returns>Control characters and invalid UTF-8 escaped: <c>\n</c>, <c>\u001b</c>, <c>\xff</c>.</returns>
    public static string Preview(ReadOnlySpan<byte> bytes, int width)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            var next = isValid ? Escape(rune) : string.Create(CultureInfo.InvariantCulture, $"\\x{bytes[0]:x2}");
            bytes = bytes[(isValid ? length : 1)..];
            if (text.Length + next.Length > width - (bytes.IsEmpty ? 0 : 1))
            {
                return text.Append('…').ToString();
            }

            text.Append(next);
        }

        return text.ToString();
    }

    /// <returns>The same with whatever a terminal would obey escaped.</returns>
    public static string Escape(string text) => string.Concat(text.EnumerateRunes().Select(Escape));

    /// <returns>Null: the bytes are no valid UTF-8, or hold characters that a terminal would obey rather than show.</returns>
    public static string? Plain(byte[] bytes)
    {
        try
        {
            var text = Strict.GetString(bytes);
            return text.EnumerateRunes().All(rune => rune.Value is '\n' or '\t' || !IsObeyed(rune)) ? text : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Escape(Rune rune) => rune.Value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when !IsObeyed(rune) => rune.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
    };

    /// <summary>Control characters, and those that turn the direction of a line, hide, or break it.</summary>
    private static bool IsObeyed(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
