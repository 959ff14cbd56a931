using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Alerts;

/// <summary>A source that sensors are heard from: its clock, and its sensors by the moment from which one may be silent.</summary>
internal sealed class WatchedSource(SourceId id)
{
    public SourceId Id => id;

    /// <summary>As it was last told, µs since the epoch; <see cref="SensorWatch.Never"/>: not since this was loaded.</summary>
    public long StreamTime { get; set; } = SensorWatch.Never;

    /// <summary>
    /// A sensor is in it once, with a moment at which it may be due: readings move that on without a look here, and who
    /// turns out to have been heard of meanwhile is put back. So a reading costs nothing, and a look only what is due.
    /// </summary>
    public PriorityQueue<WatchedEntry, long> Due { get; } = new();
}

/// <summary>A sensor of a shard.</summary>
internal sealed class WatchedEntry(SensorWatch watch, AlertRules rules)
{
    public SensorWatch Watch => watch;

    public AlertRules Rules { get; set; } = rules;

    /// <summary>Index of the source it was last heard from; −1: none that is there.</summary>
    public int Source { get; set; } = -1;

    /// <summary>The sources whose queue it is in, a bit each; the last bit is for those without a source.</summary>
    public ulong Queued { get; set; }

    /// <summary>Silent when the stream time passes this, µs since the epoch; <see cref="long.MaxValue"/>: never, or known to be.</summary>
    public long DueAt => watch.WaitingSince == SensorWatch.Never || watch.Silence.IsOpen ? long.MaxValue : watch.WaitingSince + Rules.Silence.Timeout;
}
