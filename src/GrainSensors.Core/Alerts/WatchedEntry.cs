namespace GrainSensors.Core.Alerts;

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
