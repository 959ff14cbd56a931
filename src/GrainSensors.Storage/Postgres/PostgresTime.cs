using GrainSensors.Core.Time;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Times in the binary format of PostgreSQL: µs since 2000-01-01. <see cref="DateTime"/> does not suffice: the last window of the
/// year 9999 ends beyond its range, and the driver maps its minimum, a valid window start, to −infinity.
/// </summary>
internal static class PostgresTime
{
    /// <summary>2000-01-01, µs since 1970-01-01.</summary>
    private const long Epoch = 10_957L * 86_400 * EpochTime.MicrosPerSecond;

    /// <summary>The range of <c>timestamptz</c>: 4714-11-24 BC, inclusive, and 294277-01-01, exclusive; µs since 2000.</summary>
    private const long Min = -211_813_488_000_000_000, Max = 9_223_371_331_200_000_000;

    /// <param name="micros">µs since 1970.</param>
    /// <returns>µs since 2000; −infinity or infinity for times beyond the range, such as the bounds of queries.</returns>
    public static long ToRaw(long micros) => micros switch
    {
        < Min + Epoch => long.MinValue,
        long.MaxValue => long.MaxValue,
        _ => micros - Epoch < Max ? micros - Epoch : long.MaxValue,
    };

    /// <returns>µs since 1970.</returns>
    public static long FromRaw(long raw) => raw is long.MinValue or long.MaxValue ? raw : raw + Epoch;
}
