namespace GrainSensors.Core.Time;

/// <summary>The stream time of one partition, in µs since the epoch: the greatest event time, at most the wall clock.</summary>
/// <remarks>
/// <para>Stream time never goes back. The wall clock bounds it, so that one sensor with a fast clock closes no window early.</para>
/// <para>
/// A partition without new messages still has to close its windows. So while it is <em>live</em> (assigned, fetching, not paused
/// and at its end) stream time advances by the elapsed wall time. After <c>idleTimeout</c> without a message it catches up with the
/// wall clock, and open windows are due within the grace.
/// </para>
/// <para>
/// While the partition is not live, the messages that wait in Kafka are unknown and stream time stands still. An outage raises no
/// disconnection alerts and closes no window.
/// </para>
/// </remarks>
public sealed class StreamTime
{
    private readonly long _idleTimeout;
    private long _lastTick = long.MinValue;
    private long _silence;

    /// <param name="idleTimeout">
    /// The time without a message at the end of the partition until the wall clock takes over, µs; <see cref="long.MaxValue"/> for never.
    /// </param>
    /// <param name="start">The stream time of the checkpoint, or <see cref="EpochTime.Min"/>.</param>
    public StreamTime(long idleTimeout, long start)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(idleTimeout);
        _idleTimeout = idleTimeout;
        Current = start;
    }

    public long Current { get; private set; }

    /// <summary>Takes the event time of a batch.</summary>
    /// <param name="maxEventTime">The greatest event time in the batch.</param>
    /// <param name="wallClock">The wall clock, µs since the epoch.</param>
    public void Observe(long maxEventTime, long wallClock)
    {
        Current = Math.Max(Current, Math.Min(maxEventTime, wallClock));
        _lastTick = long.MinValue;
    }

    /// <summary>Advances stream time by the elapsed wall time.</summary>
    /// <param name="live">
    /// Whether the partition is assigned, fetching, not paused, at its end, and all fetched messages are processed.
    /// </param>
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

        // A wall clock that is set back does not move stream time; elapsed time counts from the new setting on. The silence is
        // a sum of elapsed times, because the difference to its beginning would be too short by the correction of the clock.
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
