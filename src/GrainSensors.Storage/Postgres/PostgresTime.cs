using GrainSensors.Core.Time;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Moments as PostgreSQL sends them: µs since 2000-01-01. <see cref="DateTime"/> would not do: the end of the last window of
/// the year 9999 is beyond it, and the driver takes its least value, which is a window start like any other, for −infinity.
/// </summary>
internal static class PostgresTime
{
    /// <summary>2000-01-01, µs since 1970-01-01.</summary>
    private const long Epoch = 10_957L * 86_400 * EpochTime.MicrosPerSecond;

    /// <summary>4714-11-24 BC and 294277-01-01, exclusive: what <c>timestamptz</c> can hold, µs since 2000.</summary>
    private const long Min = -211_813_488_000_000_000, Max = 9_223_371_331_200_000_000;

    /// <returns>What lies beyond the type's range, as bounds of queries may, is −infinity or infinity.</returns>
    /// <param name="micros">µs since 1970.</param>
    public static long ToRaw(long micros) => micros switch
    {
        < Min + Epoch => long.MinValue,
        long.MaxValue => long.MaxValue,
        _ => micros - Epoch < Max ? micros - Epoch : long.MaxValue,
    };

    public static long FromRaw(long raw) => raw is long.MinValue or long.MaxValue ? raw : raw + Epoch;
}
