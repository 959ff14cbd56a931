namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Lets a batch grow for a moment. A call costs a grain more than the reading that it brings, so the more sensors
/// share a partition the longer a batch is worth waiting for, until it holds several readings of each.
/// </summary>
/// <param name="wake">Wakes the loop when the moment is over.</param>
internal sealed class BatchLinger(PartitionBuffer buffer, Signal wake, IngestOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>Enough to make the call the lesser part of the cost.</summary>
    private const int ReadingsPerSensor = 32;

    /// <summary>So many are worth the longest wait, fewer ones as much less: nobody should wait for what costs little.</summary>
    private const int SensorsWorthMaxWait = 500;

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
        var enough = Math.Min(sensors * ReadingsPerSensor, options.BufferCapacity);
        var wait = options.MaxBatchWait * Math.Min(1, (double)sensors / SensorsWorthMaxWait);
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
