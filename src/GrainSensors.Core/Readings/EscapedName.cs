using System.Globalization;
using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>Compares a member name that contains escapes.</summary>
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
            scoped ReadOnlySpan<byte> next = escaped[..1];
            if (escaped[0] != '\\')
            {
                escaped = escaped[1..];
            }
            else if (TryUnescape(ref escaped, out var rune))
            {
                next = buffer[..rune.EncodeToUtf8(buffer)];
            }
            else
            {
                return false;
            }

            if (!name.StartsWith(next))
            {
                return false;
            }

            name = name[next.Length..];
        }

        return name.IsEmpty;
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
