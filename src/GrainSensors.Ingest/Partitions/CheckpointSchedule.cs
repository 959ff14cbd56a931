namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// When to take the next checkpoint. Every round rewrites the rows of all sensors that reported, so the more of the
/// time writing takes, the rarer the rounds become: only a recovery then reads more of the log again.
/// </summary>
internal sealed class CheckpointSchedule(IngestOptions options, TimeProvider clock)
{
    /// <summary>Rounds take at most one fifth of the time, until the longest interval is reached.</summary>
    private const int IntervalPerDuration = 5;

    /// <summary>While much waits in the log, rows show what was long ago whenever they are written: rounds take a twentieth then.</summary>
    private const int IntervalPerDurationBehind = 20;

    /// <summary>What has been measured of no round yet: so many intervals make the first one, while much waits.</summary>
    private const int FirstIntervalsBehind = 4;

    /// <summary>Windows that are due are closed together, not one by one.</summary>
    private static readonly TimeSpan ClosingInterval = TimeSpan.FromSeconds(1);

    private long _started = clock.GetTimestamp();

    private TimeSpan _interval = Shorter(options.FirstCheckpointInterval, options.CheckpointInterval);

    private TimeSpan _intervalBehind = Shorter(options.CheckpointInterval * FirstIntervalsBehind, options.MaxCheckpointInterval);

    public TimeSpan Interval => _interval;

    /// <summary>Since the last round was started.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    /// <param name="isBehind">Much waits in the log: it gains nothing from many rounds, of which each costs the same.</param>
    public bool IsDue(long readings, bool windowsAreDue, bool isBehind)
    {
        var elapsed = clock.GetElapsedTime(_started);
        var interval = isBehind ? _intervalBehind : _interval;
        return elapsed >= interval
            || readings >= options.MaxReadingsPerCheckpoint
            || (windowsAreDue && elapsed >= ClosingInterval);
    }

    public void Started() => _started = clock.GetTimestamp();

    public void Completed()
    {
        var duration = clock.GetElapsedTime(_started);
        _interval = Within(duration * IntervalPerDuration);
        _intervalBehind = Within(duration * IntervalPerDurationBehind);
    }

    private TimeSpan Within(TimeSpan interval) =>
        interval < options.CheckpointInterval ? options.CheckpointInterval : Shorter(interval, options.MaxCheckpointInterval);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
