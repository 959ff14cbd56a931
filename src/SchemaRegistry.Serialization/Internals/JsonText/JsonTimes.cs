using System.Text.Json;

namespace SchemaRegistry.Serialization.Internals.JsonText;

/// <summary>
/// Writes times as text in ISO 8601. Times beyond the years 1 to 9999 stay numbers, because ISO 8601 has no text for them.
/// </summary>
internal static class JsonTimes
{
    private const int NanosPerTick = 100;
    private const int MaxLength = 32;
    private const int LengthToSeconds = 19;
    private static readonly long FirstSecond = -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond;
    private static readonly long LastSecond = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;

    /// <param name="value">The time since 1970 in units.</param>
    /// <param name="perSecond">The number of units in a second, a power of ten up to 10⁹.</param>
    /// <param name="isUtc">Whether the text ends with <c>Z</c>; a local time has no offset.</param>
    public static void Write(Utf8JsonWriter json, long value, long perSecond, bool isUtc)
    {
        var second = Math.DivRem(value, perSecond, out var rest);
        if (rest < 0)
        {
            (second, rest) = (second - 1, rest + perSecond);
        }

        if (!TryWrite(json, second, rest * (1_000_000_000 / perSecond), isUtc))
        {
            json.WriteNumberValue(value);
        }
    }

    /// <param name="nanos">From 0 to 999,999,999.</param>
    /// <returns>Whether the time was written: it is from the year 1 to 9999.</returns>
    public static bool TryWrite(Utf8JsonWriter json, long second, long nanos, bool isUtc)
    {
        if (second < FirstSecond || second > LastSecond || nanos is < 0 or > 999_999_999)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[MaxLength];
        var time = DateTime.UnixEpoch.AddTicks((second * TimeSpan.TicksPerSecond) + (nanos / NanosPerTick));
        time.TryFormat(text, out _, "s", System.Globalization.CultureInfo.InvariantCulture);
        var length = LengthToSeconds;
        if (nanos > 0)
        {
            text[length++] = (byte)'.';
            for (var digit = 100_000_000L; digit > 0 && nanos > 0; digit /= 10)
            {
                text[length++] = (byte)('0' + (nanos / digit));
                nanos %= digit;
            }
        }

        if (isUtc)
        {
            text[length++] = (byte)'Z';
        }

        json.WriteStringValue(text[..length]);
        return true;
    }

    /// <param name="days">Days since 1970.</param>
    public static void WriteDate(Utf8JsonWriter json, int days)
    {
        var second = days * (TimeSpan.TicksPerDay / TimeSpan.TicksPerSecond);
        if (second < FirstSecond || second > LastSecond)
        {
            json.WriteNumberValue(days);
            return;
        }

        Span<byte> text = stackalloc byte[MaxLength];
        DateTime.UnixEpoch.AddDays(days).TryFormat(
            text, out var length, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteStringValue(text[..length]);
    }
}
