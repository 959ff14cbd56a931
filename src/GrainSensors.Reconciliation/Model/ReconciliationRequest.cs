using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Reconciliation.Model;

/// <summary>Which windows to recompute, and by which rules readings were taken. Times in µs since the epoch.</summary>
/// <param name="From">Least start, inclusive, a start of a window.</param>
/// <param name="To">Greatest start, exclusive, a start of a window.</param>
/// <param name="SensorIds">Only these; null: all.</param>
public sealed record ReconciliationRequest(
    Period Period, long From, long To, IReadOnlyList<int>? SensorIds, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>A reading before this is no reading.</summary>
    public long Earliest { get; init; } = long.MinValue;

    /// <summary>How far a reading may be ahead of the clock, and so of the moment at which it was written to the log.</summary>
    public long MaxAhead { get; init; }

    /// <summary>How long after its end a window waits for late readings.</summary>
    public long Grace { get; init; }

    /// <summary>Rows of windows that ended before this may have been removed; <see cref="long.MinValue"/>: none was.</summary>
    public long KeptFrom { get; init; } = long.MinValue;

    /// <summary>Find, and correct nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Read the log from its beginning, whatever its index of times says.</summary>
    public bool WholeLog { get; init; }

    /// <summary>The windows that start in [from, to); both are moved up to the next start of a window.</summary>
    public static (long From, long To) Align(Period period, long from, long to) => (Up(period, from), Up(period, to));

    private static long Up(Period period, long micros) => period.StartOf(micros + period.TotalMicros - 1);
}
