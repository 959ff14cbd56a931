using System.Globalization;

namespace GrainSensors.Sources.Mapping;

/// <summary>Reads the numbers of values.</summary>
internal static class NumberText
{
    /// <summary>A double holds mantissas of so many digits exactly, so that one division rounds correctly.</summary>
    private const int ExactDigits = 15;

    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, ExactDigits + 1).Select(n => Math.Pow(10, n))];

    /// <param name="number">In the grammar of JSON.</param>
    /// <returns>False if the number is beyond the range of a double.</returns>
    public static bool TryRead(ReadOnlySpan<byte> number, out double value)
    {
        var (mantissa, digits, point) = (0L, 0, -1);
        var isNegative = number[0] == '-';
        for (var i = isNegative ? 1 : 0; i < number.Length; i++)
        {
            var digit = (uint)(number[i] - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                if (++digits > ExactDigits)
                {
                    return TryReadAny(number, out value);
                }
            }
            else if (number[i] == '.' && point < 0)
            {
                point = digits;
            }
            else
            {
                return TryReadAny(number, out value);
            }
        }

        value = point < 0 ? mantissa : mantissa / PowersOfTen[digits - point];
        value = isNegative ? -value : value;
        return true;
    }

    /// <summary>Reads a number as people write it, also with a plus sign or leading zeros.</summary>
    /// <returns>False if the text is another one, or the number is beyond the range of a double.</returns>
    public static bool TryReadAny(ReadOnlySpan<byte> text, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <returns>Whether the text is a number in the grammar of JSON.</returns>
    public static bool IsJson(ReadOnlySpan<byte> text)
    {
        var rest = text.IsEmpty || text[0] != '-' ? text : text[1..];
        var whole = TakeDigits(ref rest);
        if (whole.IsEmpty || (whole[0] == '0' && whole.Length > 1))
        {
            return false;
        }

        if (!rest.IsEmpty && rest[0] == '.')
        {
            rest = rest[1..];
            if (TakeDigits(ref rest).IsEmpty)
            {
                return false;
            }
        }

        if (!rest.IsEmpty && rest[0] is (byte)'e' or (byte)'E')
        {
            rest = rest[1..];
            rest = !rest.IsEmpty && rest[0] is (byte)'+' or (byte)'-' ? rest[1..] : rest;
            return !TakeDigits(ref rest).IsEmpty && rest.IsEmpty;
        }

        return rest.IsEmpty;
    }

    private static ReadOnlySpan<byte> TakeDigits(ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 0 and var end ? end : rest.Length;
        var digits = rest[..length];
        rest = rest[length..];
        return digits;
    }
}
