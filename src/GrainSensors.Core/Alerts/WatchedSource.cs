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

/// <summary>A sensor of a shard.</summary>
internal sealed class WatchedEntry(SensorWatch watch, AlertRules rules)
{
    public SensorWatch Watch => watch;

    public AlertRules Rules { get; set; } = rules;

    /// <summary>The rules as data that were applied to the watch; null: none yet.</summary>
    public RuleSet? RuleSet { get; set; }

    /// <summary>The index of the source that delivered the sensor last; −1 if there is none.</summary>
    public int Source { get; set; } = -1;

    /// <summary>Whether <see cref="UnwrittenSensors"/> has the sensor since the last write was begun.</summary>
    public bool IsUnwritten { get; set; }

    /// <summary>
    /// The queues that hold the entry, by <see cref="Source"/> + 1: the first one is the queue of sensors without a source.
    /// </summary>
    public QueueSet Queued;

    /// <summary>
    /// The stream time after which the sensor is silent, µs since the epoch; <see cref="long.MaxValue"/> if it is not waited for, or
    /// its alert is open already.
    /// </summary>
    public long DueAt => !Rules.Disconnection.IsEnabled ? (watch.Silence.IsOpen ? watch.Silence.LastRaisedAt : long.MaxValue)
        : watch.WaitingSince == SensorWatch.Never || watch.Silence.IsOpen
        ? long.MaxValue
        : watch.WaitingSince + Rules.Disconnection.Timeout;
}
