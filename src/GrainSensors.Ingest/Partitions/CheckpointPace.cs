namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// When to take the next checkpoint. Every round rewrites the rows of all sensors that reported, so the more of the
/// time writing takes, the rarer the rounds become: only a recovery then reads more of the log again.
/// </summary>
internal sealed class CheckpointPace(IngestOptions options, TimeProvider clock)
{
    /// <summary>Rounds take at most one fifth of the time, until the longest interval is reached.</summary>
    private const int IntervalPerDuration = 5;

    /// <summary>Windows that are due are closed together, not one by one.</summary>
    private static readonly TimeSpan ClosingInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(1);

    private long _started = clock.GetTimestamp();

    /// <summary>The first one comes soon: what waited while the partition moved should not wait for a whole interval more.</summary>
    private TimeSpan _interval = FirstInterval < options.CheckpointInterval ? FirstInterval : options.CheckpointInterval;

    public TimeSpan Interval => _interval;

    /// <summary>Since the last round was started.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    /// <param name="isBehind">Much waits in the log: it gains nothing from an early round, which costs what a later one does.</param>
    public bool IsDue(long readings, bool windowsAreDue, bool isBehind)
    {
        var elapsed = clock.GetElapsedTime(_started);
        var interval = isBehind && _interval < options.CheckpointInterval ? options.CheckpointInterval : _interval;
        return elapsed >= interval
            || readings >= options.MaxReadingsPerCheckpoint
            || (windowsAreDue && elapsed >= ClosingInterval);
    }

    public void Started() => _started = clock.GetTimestamp();

    public void Completed()
    {
        var interval = clock.GetElapsedTime(_started) * IntervalPerDuration;
        _interval = interval < options.CheckpointInterval ? options.CheckpointInterval
            : interval > options.MaxCheckpointInterval ? options.MaxCheckpointInterval
            : interval;
    }
}
