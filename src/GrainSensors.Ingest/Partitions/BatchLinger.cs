namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Lets a batch grow for a moment. A call costs a grain more than the reading that it brings, so the more sensors
/// share a partition the longer a batch is worth waiting for, until it holds several readings of each.
/// </summary>
/// <remarks>
/// While a whole batch more waits in the log, nobody gets a reading sooner by a small one: then the batch waits until it
/// is worth its calls, and the buffer holds several readings of each sensor.
/// </remarks>
/// <param name="wake">Wakes the loop when the moment is over.</param>
internal sealed class BatchLinger(PartitionBuffer buffer, PartitionCounters counters, Signal wake, IngestOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>Enough to make the call the lesser part of the cost.</summary>
    private const int ReadingsPerSensor = 32;

    /// <summary>What the buffer holds at least, so that a call brings several, up to <see cref="MaxCapacity"/>.</summary>
    private const int ReadingsPerSensorHeld = 8;

    /// <summary>Two arrays of so many readings, 9 MB each, is what a partition takes at most.</summary>
    private const int MaxCapacity = 100_000;

    /// <summary>So many are worth the longest wait, fewer ones as much less: nobody should wait for what costs little.</summary>
    private const int SensorsWorthMaxWait = 500;

    private static readonly TimeSpan MaxWaitBehind = TimeSpan.FromSeconds(2);

    /// <summary>Timers may come a little early, and are asked again.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly ITimer _timer = clock.CreateTimer(_ => wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    private long _since;
    private bool _isWaiting;

    /// <param name="sensors">How many sensors the partition has.</param>
    /// <returns>False: what was fetched waits for more.</returns>
    public bool IsOver(int sensors)
    {
        var waiting = buffer.Count;
        buffer.Capacity = Math.Min(sensors * ReadingsPerSensorHeld, MaxCapacity);
        var enough = Math.Min(sensors * ReadingsPerSensor, buffer.Capacity);
        var wait = counters.EndOffset - buffer.FetchedTo >= enough && options.MaxBatchWait > TimeSpan.Zero
            ? MaxWaitBehind
            : options.MaxBatchWait * Math.Min(1, (double)sensors / SensorsWorthMaxWait);
        var left = _isWaiting ? wait - clock.GetElapsedTime(_since) : wait;
        if (waiting == 0 || waiting >= enough || left <= TimeSpan.Zero)
        {
            _isWaiting = false;
            return true;
        }

        if (!_isWaiting)
        {
            (_since, _isWaiting) = (clock.GetTimestamp(), true);
        }

        buffer.WakeAt = enough;
        _timer.Change(left < Shortest ? Shortest : left, Timeout.InfiniteTimeSpan);
        return false;
    }

    public void Dispose() => _timer.Dispose();
}
