using System.Globalization;

namespace GrainSensors.Core.Time;

/// <summary>Moments as whole microseconds since 1970-01-01T00:00:00Z: what PostgreSQL's <c>timestamptz</c> resolves.</summary>
public static class EpochTime
{
    public const long MicrosPerSecond = 1_000_000;

    /// <summary>0001-01-01, the earliest moment that both .NET and PostgreSQL can name.</summary>
    public const long Min = -62_135_596_800 * MicrosPerSecond;

    /// <summary>10000-01-01, exclusive.</summary>
    public const long Max = 253_402_300_800 * MicrosPerSecond;

    public static long From(DateTimeOffset moment) => FloorDivide(moment.UtcTicks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerMicrosecond);

    public static long From(TimeSpan span) => FloorDivide(span.Ticks, TimeSpan.TicksPerMicrosecond);

    /// <returns>The moment with <see cref="DateTimeKind.Utc"/>; other kinds are shifted silently by PostgreSQL drivers.</returns>
    public static DateTime ToDateTime(long micros) =>
        new(DateTime.UnixEpoch.Ticks + (micros * TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);

    public static TimeSpan ToTimeSpan(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);

    public static long Now(TimeProvider clock) => From(clock.GetUtcNow());

    /// <returns><c>2026-11-23T10:15:00Z</c>, with a fraction only where there is one.</returns>
    public static string ToIso8601(long micros)
    {
        var moment = ToDateTime(micros);
        return moment.ToString(
            micros % MicrosPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
            CultureInfo.InvariantCulture);
    }

    internal static long FloorDivide(long dividend, long divisor)
    {
        var quotient = dividend / divisor;
        return dividend % divisor < 0 ? quotient - 1 : quotient;
    }
}
