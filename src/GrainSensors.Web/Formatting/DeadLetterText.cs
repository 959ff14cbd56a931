using System.Globalization;
using System.Text;

namespace GrainSensors.Web.Formatting;

/// <summary>Arbitrary bytes as text that is safe to print on a terminal.</summary>
internal static class DeadLetterText
{
    /// <summary>Throws on invalid UTF-8, where the default encoding would replace it.</summary>
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The first bytes on one line; control characters and invalid UTF-8 are escaped.</summary>
    /// <param name="width">In characters. Longer text is cut and ends with an ellipsis.</param>
    /// <returns>Text with escapes such as <c>\n</c>, <c>\u001b</c> and <c>\xff</c>.</returns>
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

    /// <returns>The text with control characters escaped.</returns>
    public static string Escape(string text) => string.Concat(text.EnumerateRunes().Select(Escape));

    /// <returns>Null if the bytes are not valid UTF-8, or contain control characters other than line feed and tab.</returns>
    public static string? Plain(byte[] bytes)
    {
        try
        {
            var text = Strict.GetString(bytes);
            return text.EnumerateRunes().All(rune => rune.Value is '\n' or '\t' || !IsControl(rune)) ? text : null;
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
        _ when !IsControl(rune) => rune.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
    };

    /// <summary>Control characters, and characters that reverse, hide or break a line.</summary>
    private static bool IsControl(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
