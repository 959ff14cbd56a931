using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Alerts;

/// <summary>A source that delivers sensors: its stream time, and its sensors by the time from which they may be silent.</summary>
internal sealed class WatchedSource(SourceId id)
{
    public SourceId Id => id;

    /// <summary>
    /// The last reported stream time, µs since the epoch; <see cref="SensorWatch.Never"/> if none was reported since the state was
    /// loaded.
    /// </summary>
    public long StreamTime { get; set; } = SensorWatch.Never;

    /// <summary>The sensors by the time at which they may become silent, each sensor once.</summary>
    /// <remarks>
    /// Readings move the due time of a sensor without an update of the queue. A sensor that is dequeued too early is queued
    /// again. So a reading costs nothing here, and a tick costs only the sensors that are due.
    /// </remarks>
    public PriorityQueue<WatchedEntry, long> Due { get; } = new();

    /// <summary>The sensors with rules as data that stream time judges.</summary>
    public DueQueue RulesDue { get; } = new();
}
