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

    private static readonly string[] Iso8601Forms =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

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
    /// The forms are ISO 8601 and epoch seconds, whole or fractional. ISO 8601 is a date, or a date and a time that <c>T</c> or a
    /// blank separates. Seconds, fraction and offset are optional; a time without an offset is in UTC.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (DateTimeOffset.TryParseExact(text, Iso8601Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
        {
            micros = From(moment);
            return true;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var seconds)
            || seconds < Min / MicrosPerSecond || seconds >= Max / MicrosPerSecond)
        {
            return false;
        }

        micros = (long)decimal.Floor(seconds * MicrosPerSecond);
        return true;
    }

    internal static long FloorDivide(long dividend, long divisor)
    {
        var quotient = dividend / divisor;
        return dividend % divisor < 0 ? quotient - 1 : quotient;
    }
}
