using GrainSensors.Ingest.Configuration;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>
/// Decides when the next checkpoint is due. Every attempt rewrites the rows of all sensors that reported, so the interval
/// grows with the time that writing takes. The price of a longer interval is a longer recovery, which reads more of the log.
/// </summary>
internal sealed class CheckpointSchedule(IngestOptions options, TimeProvider clock)
{
    /// <summary>Attempts take at most one fifth of the time, until the longest interval is reached.</summary>
    private const int IntervalPerDuration = 5;

    /// <summary>
    /// With a large lag attempts take at most one twentieth of the time: the rows are outdated anyway, and every attempt
    /// delays the readings behind it.
    /// </summary>
    private const int IntervalPerDurationBehind = 20;

    /// <summary>With a large lag the first interval is this multiple of the normal one, until an attempt has been measured.</summary>
    private const int FirstIntervalsBehind = 4;

    /// <summary>Windows that become due within this interval are closed together.</summary>
    private static readonly TimeSpan ClosingInterval = TimeSpan.FromSeconds(1);

    private long _started = clock.GetTimestamp();

    private TimeSpan _interval = Shorter(options.FirstCheckpointInterval, options.CheckpointInterval);

    private TimeSpan _intervalBehind = Shorter(options.CheckpointInterval * FirstIntervalsBehind, options.MaxCheckpointInterval);

    public TimeSpan Interval => _interval;

    /// <summary>The time since the last attempt was started.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    /// <param name="readings">Messages that were dispatched since the last checkpoint.</param>
    /// <param name="windowsAreDue">Whether windows are due to be closed.</param>
    /// <param name="isBehind">Whether the lag is larger than the buffer.</param>
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
