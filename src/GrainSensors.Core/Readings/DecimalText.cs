namespace GrainSensors.Core.Readings;

/// <summary>Exact arithmetic on a JSON number as it is written: a double has no microseconds left after the year 2100 or so.</summary>
internal static class DecimalText
{
    /// <summary>More than any exponent that the digits of one message can make up for.</summary>
    private const int ExponentLimit = 1_000_000;

    /// <param name="number">A number in the grammar of JSON.</param>
    /// <param name="power">Digits to keep behind the decimal point.</param>
    /// <param name="floor">⌊number · 10^power⌋.</param>
    /// <param name="exact">Nothing was cut off.</param>
    /// <returns>False when the result does not fit.</returns>
    public static bool TryScale(ReadOnlySpan<byte> number, int power, out long floor, out bool exact)
    {
        var negative = number[0] == '-';
        if (negative)
        {
            number = number[1..];
        }

        (floor, exact) = (0, true);
        var digits = number;
        var exponent = power;
        if (number.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var at)
        {
            digits = number[..at];
            exponent += ParseExponent(number[(at + 1)..]);
        }

        // The place of a digit is its power of ten in the result; below 0 it is cut off.
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
            else if (!Append(ref floor, c - '0'))
            {
                return false;
            }
        }

        for (; place > 0 && floor != 0; place--)
        {
            if (!Append(ref floor, 0))
            {
                return false;
            }
        }

        if (negative)
        {
            floor = exact ? -floor : -floor - 1;
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
