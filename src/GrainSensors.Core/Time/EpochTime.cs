using System.Globalization;

namespace GrainSensors.Core.Time;

/// <summary>
/// Times as whole microseconds since 1970-01-01T00:00:00Z, the resolution of PostgreSQL's <c>timestamptz</c>.
/// </summary>
public static class EpochTime
{
    public const long MicrosPerSecond = 1_000_000;

    /// <summary>0001-01-01, the earliest time of both .NET and PostgreSQL.</summary>
    public const long Min = -62_135_596_800 * MicrosPerSecond;

    /// <summary>10000-01-01, exclusive.</summary>
    public const long Max = 253_402_300_800 * MicrosPerSecond;

    /// <summary>Examples of the forms that <see cref="TryParse"/> reads, for messages.</summary>
    public const string Forms = "2026-11-24, 2026-11-24T10:15:00Z, 2026-11-24T11:15:00+01:00 or epoch seconds";

    public static long From(DateTimeOffset moment) => FloorDivide(moment.UtcTicks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerMicrosecond);

    public static long From(TimeSpan span) => FloorDivide(span.Ticks, TimeSpan.TicksPerMicrosecond);

    /// <returns>The time with <see cref="DateTimeKind.Utc"/>; PostgreSQL drivers shift other kinds silently.</returns>
    public static DateTime ToDateTime(long micros) =>
        new(DateTime.UnixEpoch.Ticks + (micros * TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);

    public static TimeSpan ToTimeSpan(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);

    public static long Now(TimeProvider clock) => From(clock.GetUtcNow());

    /// <returns>The time as <c>2026-11-23T10:15:00Z</c>, with a fraction only if it is not 0.</returns>
    public static string ToIso8601(long micros)
    {
        var moment = ToDateTime(micros);
        return moment.ToString(
            micros % MicrosPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
            CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a time in one of the forms that have one meaning only.</summary>
    /// <remarks>
    /// The forms are those of <see cref="Iso8601Time"/>, in UTC without an offset, and epoch seconds, whole or fractional. Seven or
    /// eight digits that are a date without dashes, such as 20261124, are refused: as epoch seconds they are in 1970.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (Iso8601Time.TryParse(text, out var time))
        {
            micros = time.UtcMicros;
            return text.ContainsAnyExceptInRange('0', '9');
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var seconds) && TryFromSeconds(seconds, out micros);
    }

    /// <summary>Cuts epoch seconds to the microsecond below.</summary>
    /// <returns>False if the time is outside of the years 1 to 9999.</returns>
    public static bool TryFromSeconds(decimal seconds, out long micros)
    {
        var isInRange = seconds >= Min / MicrosPerSecond && seconds < Max / MicrosPerSecond;
        micros = isInRange ? (long)decimal.Floor(seconds * MicrosPerSecond) : 0;
        return isInRange;
    }

    internal static long FloorDivide(long dividend, long divisor)
    {
        var quotient = dividend / divisor;
        return dividend % divisor < 0 ? quotient - 1 : quotient;
    }
}
