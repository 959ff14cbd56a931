namespace GrainSensors.Core.Readings;

/// <summary>Exact arithmetic on the text of a JSON number. A double loses microseconds from about the year 2100 on.</summary>
internal static class DecimalText
{
    /// <summary>A bound of the exponent, larger than the digits of one message can compensate.</summary>
    private const int ExponentLimit = 1_000_000;

    /// <param name="number">A number in the grammar of JSON.</param>
    /// <param name="power">The number of digits to keep after the decimal point.</param>
    /// <param name="floor">⌊number · 10^power⌋.</param>
    /// <param name="exact">Whether the result has all digits of the number.</param>
    /// <returns>False if the result does not fit.</returns>
    public static bool TryScale(ReadOnlySpan<byte> number, int power, out long floor, out bool exact)
    {
        var negative = number[0] == '-';
        if (negative)
        {
            number = number[1..];
        }

        var digits = number;
        var exponent = power;
        if (number.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var at)
        {
            digits = number[..at];
            exponent += ParseExponent(number[(at + 1)..]);
        }

        if (!TryAppend(digits, exponent, out floor, out exact))
        {
            return false;
        }

        if (negative)
        {
            floor = exact ? -floor : -floor - 1;
        }

        return true;
    }

    /// <param name="digits">Digits with or without a decimal point.</param>
    /// <param name="value">⌊digits · 10^exponent⌋.</param>
    private static bool TryAppend(ReadOnlySpan<byte> digits, int exponent, out long value, out bool exact)
    {
        (value, exact) = (0, true);

        // The place of a digit is its power of ten in the result; digits below place 0 are cut off.
        var point = digits.IndexOf((byte)'.');
        var place = (point < 0 ? digits.Length : point) + exponent;
        foreach (var c in digits)
        {
            if (c == '.')
            {
                continue;
            }

            place--;
            if (place < 0)
            {
                exact &= c == '0';
            }
            else if (!Append(ref value, c - '0'))
            {
                return false;
            }
        }

        for (; place > 0 && value != 0; place--)
        {
            if (!Append(ref value, 0))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Append(ref long value, int digit)
    {
        if (value > (long.MaxValue - 9) / 10)
        {
            return false;
        }

        value = (value * 10) + digit;
        return true;
    }

    private static int ParseExponent(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        var exponent = 0;
        foreach (var c in text[0] is (byte)'-' or (byte)'+' ? text[1..] : text)
        {
            exponent = Math.Min((exponent * 10) + (c - '0'), ExponentLimit);
        }

        return negative ? -exponent : exponent;
    }
}
