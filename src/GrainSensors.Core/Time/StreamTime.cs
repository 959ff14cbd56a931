namespace GrainSensors.Core.Time;

/// <summary>
/// The clock of one partition: the greatest event time seen, but never ahead of the wall clock, so that one sensor
/// whose clock runs fast closes nothing early. Moments in µs since the epoch; never goes back.
/// </summary>
/// <remarks>
/// A partition that is fetched to its end and brings nothing still has to close its windows. So while it is
/// <em>live</em> (assigned, fetching, not paused and at its end) stream time moves on by the wall time that
/// elapses, and after <c>idleTimeout</c> without a message it catches up with the wall clock: whatever the stream
/// still held open is then due within the grace. While the partition is not live, nothing is known about what waits
/// in the log, and time stands: an outage silences no sensor and closes no window.
/// </remarks>
public sealed class StreamTime
{
    private readonly long _idleTimeout;
    private long _lastTick = long.MinValue;
    private long _silence;

    /// <param name="idleTimeout">µs at the end of the log without a message until the wall clock takes over; <see cref="long.MaxValue"/>: never.</param>
    /// <param name="start">Where a checkpoint left it, or <see cref="EpochTime.Min"/>.</param>
    public StreamTime(long idleTimeout, long start)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(idleTimeout);
        _idleTimeout = idleTimeout;
        Current = start;
    }

    public long Current { get; private set; }

    /// <summary>A batch of readings arrived.</summary>
    /// <param name="maxEventTime">The greatest event time in it.</param>
    /// <param name="wallClock">Now.</param>
    public void Observe(long maxEventTime, long wallClock)
    {
        Current = Math.Max(Current, Math.Min(maxEventTime, wallClock));
        _lastTick = long.MinValue;
    }

    /// <summary>Time passes.</summary>
    /// <param name="live">Assigned, fetching, not paused, at the end of the log, and nothing fetched waits to be worked off.</param>
    public void Tick(bool live, long wallClock)
    {
        if (!live)
        {
            _lastTick = long.MinValue;
            return;
        }

        if (_lastTick == long.MinValue)
        {
            (_lastTick, _silence) = (wallClock, 0);
            return;
        }

        // A wall clock that is set back moves nothing; the elapsed time starts again from where it was set to.
        // Silence is the sum of what elapsed: measured from its beginning it would last longer by what the clock lost.
        var elapsed = Math.Max(0, wallClock - _lastTick);
        _lastTick = wallClock;
        _silence += elapsed;
        if (Current > EpochTime.Min)
        {
            Current = Math.Max(Current, Math.Min(Current + elapsed, wallClock));
        }

        if (_silence >= _idleTimeout)
        {
            Current = Math.Max(Current, wallClock);
        }
    }
}
