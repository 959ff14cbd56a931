using System.Globalization;
using System.Text;

namespace GrainSensors.Core.Text;

/// <summary>Arbitrary bytes as text that is safe to print on a terminal.</summary>
public static class PrintableText
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
            if (!TryAppend(text, next, width - (bytes.IsEmpty ? 0 : 1)))
            {
                break;
            }
        }

        return text.ToString();
    }

    /// <returns>The text with control characters escaped.</returns>
    public static string Escape(ReadOnlySpan<char> text) => Escape(text, int.MaxValue);

    /// <param name="width">In characters. Longer text is cut and ends with an ellipsis.</param>
    /// <returns>The text with control characters escaped.</returns>
    public static string Escape(ReadOnlySpan<char> text, int width)
    {
        var escaped = new StringBuilder();
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out var rune, out var length);
            text = text[length..];
            if (!TryAppend(escaped, Escape(rune), width - (text.IsEmpty ? 0 : 1)))
            {
                break;
            }
        }

        return escaped.ToString();
    }

    /// <returns>Whether it has control or format characters, which are invisible or reverse what stands beside them.</returns>
    public static bool HasInvisible(string text) =>
        text.EnumerateRunes().Any(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format);

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

    /// <returns>False if the next characters exceed the width; an ellipsis stands for them.</returns>
    private static bool TryAppend(StringBuilder text, string next, int width)
    {
        var fits = text.Length + next.Length <= width;
        text.Append(fits ? next : "…");
        return fits;
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
