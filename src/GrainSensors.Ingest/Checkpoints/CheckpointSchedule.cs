using GrainSensors.Ingest.Configuration;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>
/// Decides when the rows of a partition are flushed, and when its next checkpoint is due. Both rewrite the rows of the sensors
/// that reported, and a checkpoint writes their monitors too, so the intervals grow with the time that writing takes.
/// </summary>
/// <remarks>
/// People see a reading when its row is flushed. A checkpoint only limits what a recovery reads again. A partition that has caught
/// up, or has nothing to do, takes a checkpoint at once.
/// </remarks>
/// <param name="budget">What the partitions of the silo may write ahead of their checkpoints.</param>
internal sealed class CheckpointSchedule(IngestOptions options, FlushBudget budget, TimeProvider clock)
{
    /// <summary>Attempts take at most one fifth of the time, until the longest interval is reached.</summary>
    private const int IntervalPerDuration = 5;

    /// <summary>Attempts of a partition that has caught up, or has nothing to do, take at most half of the time.</summary>
    private const int LeastIntervalPerDuration = 2;

    /// <summary>
    /// With a large lag attempts take at most one twentieth of the time: the rows are outdated anyway, and every attempt
    /// delays the readings behind it.
    /// </summary>
    private const int IntervalPerDurationBehind = 20;

    /// <summary>With a large lag the first interval is this multiple of the normal one, until an attempt has been measured.</summary>
    private const int FirstIntervalsBehind = 4;

    /// <summary>Windows that become due within this interval are closed together.</summary>
    private static readonly TimeSpan ClosingInterval = TimeSpan.FromSeconds(1);

    /// <summary>A partition is idle after this time without a reading. Sensors that report every second do not make it idle.</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(1.5);

    private readonly TimeSpan _shortest = Shorter(options.FirstCheckpointInterval, options.CheckpointInterval);

    private long _started = clock.GetTimestamp();

    /// <summary>The start of the last flush or checkpoint.</summary>
    private long _wrote = clock.GetTimestamp();

    private long _dispatched = clock.GetTimestamp();

    private bool _wasBehind;

    private TimeSpan _duration;

    private TimeSpan _flushInterval = options.FlushInterval;

    private TimeSpan _interval = Shorter(options.FirstCheckpointInterval, options.CheckpointInterval);

    private TimeSpan _intervalBehind = Shorter(options.CheckpointInterval * FirstIntervalsBehind, options.MaxCheckpointInterval);

    /// <summary>The time since the last checkpoint was started.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    /// <summary>Whether a checkpoint is due, if there is something that no checkpoint covers.</summary>
    /// <param name="readings">Messages that were dispatched since the last checkpoint.</param>
    /// <param name="windowsAreDue">Whether windows are due to be closed.</param>
    /// <param name="isBehind">Whether the lag is larger than the buffer.</param>
    /// <param name="isDrained">Whether everything in the log has been dispatched.</param>
    public bool IsDue(long readings, bool windowsAreDue, bool isBehind, bool isDrained)
    {
        _wasBehind |= isBehind;
        var elapsed = Elapsed;
        var hasTime = isDrained && (_wasBehind || clock.GetElapsedTime(_dispatched) >= IdleAfter);
        return elapsed >= (hasTime ? Longer(_shortest, _duration * LeastIntervalPerDuration) : isBehind ? _intervalBehind : _interval)
            || readings >= options.MaxReadingsPerCheckpoint
            || (windowsAreDue && elapsed >= ClosingInterval);
    }

    /// <summary>Whether unwritten rows are due to be flushed, ahead of a checkpoint.</summary>
    /// <param name="isBehind">Whether the lag is larger than the buffer. Rows would be outdated when they are written.</param>
    public bool FlushIsDue(bool isBehind) => !isBehind && clock.GetElapsedTime(_wrote) >= _flushInterval && budget.IsLeft;

    /// <summary>Readings have been dispatched.</summary>
    public void Dispatched() => _dispatched = clock.GetTimestamp();

    /// <summary>A flush has started, of this number of grains.</summary>
    public void FlushStarted(int grains)
    {
        _wrote = clock.GetTimestamp();
        budget.Flush(grains);
    }

    /// <summary>A checkpoint attempt has started, which flushes this number of grains.</summary>
    public void Started(int grains)
    {
        _started = _wrote = clock.GetTimestamp();
        _wasBehind = false;
        budget.Spend(grains);
    }

    /// <summary>The attempt has completed that was started last.</summary>
    public void Completed(bool isFlush)
    {
        var duration = clock.GetElapsedTime(_wrote);
        _flushInterval = Longer(duration * IntervalPerDuration, options.FlushInterval);
        if (!isFlush)
        {
            _duration = duration;
            _interval = Within(duration * IntervalPerDuration);
            _intervalBehind = Within(duration * IntervalPerDurationBehind);
        }
    }

    private TimeSpan Within(TimeSpan interval) =>
        Shorter(Longer(interval, options.CheckpointInterval), options.MaxCheckpointInterval);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
