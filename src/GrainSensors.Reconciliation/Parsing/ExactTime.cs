using System.Globalization;
using System.Numerics;
using System.Text;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Reads timestamps without rounding.</summary>
internal static class ExactTime
{
    /// <summary>A greater timestamp is in milliseconds.</summary>
    private const decimal MaxSeconds = 100_000_000_000m;

    /// <summary>Characters, sign and point included, that a decimal holds without rounding.</summary>
    private const int ExactLength = 20;

    /// <summary>More than the digits of one message can compensate.</summary>
    private const int MaxExponent = 65_536;

    /// <summary>Converts the number exactly, rounded down to a microsecond.</summary>
    public static bool TryMicros(ReadOnlySpan<byte> number, out long micros)
    {
        micros = 0;
        if (number.Length <= ExactLength && !number.ContainsAny((byte)'e', (byte)'E'))
        {
            var value = decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
            var scaled = decimal.Floor(value * (value > MaxSeconds ? 1_000m : 1_000_000m));
            if (scaled is < long.MinValue or > long.MaxValue)
            {
                return false;
            }

            micros = (long)scaled;
            return true;
        }

        return TryMicrosOfLong(Encoding.UTF8.GetString(number), out micros);
    }

    /// <summary>
    /// Converts a number with an exponent, or with more digits than a decimal holds: digits · 10^exponent, without rounding.
    /// </summary>
    private static bool TryMicrosOfLong(string number, out long micros)
    {
        micros = 0;
        var parts = number.Split('e', 'E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        if (digits.IsZero)
        {
            return true;
        }

        // With an exponent beyond these bounds the number is 0 or −1 µs, or out of range.
        var written = parts.Length == 1 ? 0 : BigInteger.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var decimals = point < 0 ? 0 : parts[0].Length - point - 1;
        var exponent = (int)BigInteger.Max(BigInteger.Min(written, MaxExponent), -2 * MaxExponent) - decimals;
        var isMillis = Compare(digits, exponent, (BigInteger)MaxSeconds) > 0;
        var power = exponent + (isMillis ? 3 : 6);
        var result = power >= 0 ? digits * BigInteger.Pow(10, power) : Floor(digits, BigInteger.Pow(10, -power));
        if (result < long.MinValue || result > long.MaxValue)
        {
            return false;
        }

        micros = (long)result;
        return true;
    }

    private static int Compare(BigInteger digits, int exponent, BigInteger other) => exponent >= 0
        ? (digits * BigInteger.Pow(10, exponent)).CompareTo(other)
        : digits.CompareTo(other * BigInteger.Pow(10, -exponent));

    private static BigInteger Floor(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }
}
