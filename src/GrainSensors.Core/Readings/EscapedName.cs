using System.Globalization;
using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>Compares and decodes names that contain escapes.</summary>
/// <remarks>
/// <see cref="System.Text.Json.Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/> throws on half a surrogate pair, which the
/// grammar of JSON allows. Here such a name matches no member.
/// </remarks>
internal static class EscapedName
{
    /// <param name="escaped">The well-formed text between the quotes.</param>
    /// <param name="name">The name in UTF-8, without escapes.</param>
    public static bool Matches(ReadOnlySpan<byte> escaped, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[4];
        while (!escaped.IsEmpty)
        {
            if (!TryTake(ref escaped, buffer, out var length) || !name.StartsWith(buffer[..length]))
            {
                return false;
            }

            name = name[length..];
        }

        return name.IsEmpty;
    }

    /// <summary>Removes the escapes.</summary>
    /// <returns>False if the text has half a surrogate pair, or does not fit.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> escaped, Span<byte> into, out int length)
    {
        Span<byte> buffer = stackalloc byte[4];
        length = 0;
        while (!escaped.IsEmpty)
        {
            if (!TryTake(ref escaped, buffer, out var next) || !buffer[..next].TryCopyTo(into[length..]))
            {
                return false;
            }

            length += next;
        }

        return true;
    }

    /// <summary>Takes one byte or one escaped character.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> escaped, scoped Span<byte> into, out int length)
    {
        (into[0], length) = (escaped[0], 1);
        if (escaped[0] != '\\')
        {
            escaped = escaped[1..];
            return true;
        }

        var isValid = TryUnescape(ref escaped, out var rune);
        length = rune.EncodeToUtf8(into);
        return isValid;
    }

    private static bool TryUnescape(ref ReadOnlySpan<byte> escaped, out Rune rune)
    {
        var kind = escaped[1];
        if (kind != 'u')
        {
            escaped = escaped[2..];
            rune = new(kind switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                _ => (char)kind,
            });
            return true;
        }

        var unit = TakeUnit(ref escaped);
        return char.IsHighSurrogate(unit) && escaped.StartsWith("\\u"u8)
            ? Rune.TryCreate(unit, TakeUnit(ref escaped), out rune)
            : Rune.TryCreate(unit, out rune);
    }

    private static char TakeUnit(ref ReadOnlySpan<byte> escaped)
    {
        var unit = (char)ushort.Parse(escaped[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        escaped = escaped[6..];
        return unit;
    }
}
