using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Reconciliation.Model;

/// <summary>The windows to recompute, and the rules by which the stream accepted readings. Times in µs since the epoch.</summary>
/// <param name="From">Earliest window start, inclusive; a multiple of the period.</param>
/// <param name="To">Latest window start, exclusive; a multiple of the period.</param>
/// <param name="SensorIds">The sensors to recompute; null for all.</param>
public sealed record ReconciliationRequest(
    Period Period, long From, long To, IReadOnlyList<int>? SensorIds, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>Measurements that are not declared.</summary>
    public IReadOnlyList<DiscoveredMeasurement> Discovered { get; init; } = [];

    /// <summary>All measurements that were ever found in readings, also those that are declared or excluded now.</summary>
    public IReadOnlyList<DiscoveredMeasurement> Stored { get; init; } = [];

    /// <summary>Which members of messages are measurements although they are not declared.</summary>
    public DiscoveryRules Discovery { get; init; } = DiscoveryRules.None;

    /// <summary>The most values of measurements that are not declared in a reading; the stream leaves out further ones.</summary>
    public int MaxDiscovered { get; init; } = DiscoveryRules.DefaultPerReading;

    /// <summary>Earliest accepted timestamp of a reading.</summary>
    public long Earliest { get; init; } = long.MinValue;

    /// <summary>How far the timestamp of a reading may be ahead of the time at which it was written to the log.</summary>
    public long MaxAhead { get; init; }

    /// <summary>Length of a step of which one value counts, µs; null: every value counts.</summary>
    public long? DeduplicateResolution { get; init; }

    /// <summary>How long after its end a window accepts late readings.</summary>
    public long Grace { get; init; }

    /// <summary>
    /// Retention may have removed rows of windows that ended before this; <see cref="long.MinValue"/> if it removes none.
    /// </summary>
    public long KeptFrom { get; init; } = long.MinValue;

    /// <summary>Report differences and correct nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Read the log from its beginning instead of the offset that its time index gives.</summary>
    public bool WholeLog { get; init; }

    /// <summary>Whether a measurement may have sketches.</summary>
    public bool HasSketches => Discovery.HasSketches || Measurements.Any(measurement => measurement.HasSketch);

    /// <returns>The range of window starts in [from, to); both bounds are moved up to the next window start.</returns>
    public static (long From, long To) Align(Period period, long from, long to) => (Up(period, from), Up(period, to));

    private static long Up(Period period, long micros) => period.StartOf(micros + period.TotalMicros - 1);
}

/// <summary>A measurement that was found in readings.</summary>
/// <param name="Since">Windows that began before were accumulated without it, wholly or in part. µs since the epoch.</param>
public readonly record struct DiscoveredMeasurement(string Name, long Since);
