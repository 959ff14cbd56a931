using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Lets a batch grow before it is dispatched. A call costs a grain more than the reading that it brings. The more sensors
/// share a partition, the longer a batch waits, until it holds several readings of each.
/// </summary>
/// <remarks>
/// While a whole batch waits in the log, a small batch would bring no reading into its window sooner. Then the batch waits
/// until its size pays for its calls, and the buffer holds several readings of each sensor.
/// </remarks>
/// <param name="wake">Wakes the loop at the end of the wait.</param>
internal sealed class BatchLinger(
    PartitionBuffer buffer, PartitionCounters counters, Signal wake, IngestOptions options, TimeProvider clock)
    : IDisposable
{
    /// <summary>With this number of readings for each sensor, calls are the smaller part of the cost.</summary>
    private const int ReadingsPerSensor = 32;

    /// <summary>The buffer holds at least this number of readings for each sensor, up to <see cref="MaxCapacity"/>.</summary>
    private const int ReadingsPerSensorHeld = 8;

    /// <summary>The largest capacity. A partition then holds two arrays of 100,000 readings, 9 MB each.</summary>
    private const int MaxCapacity = 100_000;

    /// <summary>The number of sensors from which the longest wait pays. With fewer sensors the wait is proportionally shorter.</summary>
    private const int SensorsForMaxWait = 500;

    private static readonly TimeSpan MaxWaitBehind = TimeSpan.FromSeconds(2);

    /// <summary>The shortest timer. Timers may fire a little early and are then set again.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly ITimer _timer = clock.CreateTimer(_ => wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    private long _since;
    private bool _isWaiting;

    /// <param name="sensors">The number of sensors of the partition.</param>
    /// <returns>False: the batch waits for more messages.</returns>
    public bool IsOver(int sensors)
    {
        var waiting = buffer.Count;
        buffer.Capacity = Math.Min(sensors * ReadingsPerSensorHeld, MaxCapacity);
        var enough = Math.Min(sensors * ReadingsPerSensor, buffer.Capacity);
        var wait = counters.EndOffset - buffer.FetchedTo >= enough && options.MaxBatchWait > TimeSpan.Zero
            ? MaxWaitBehind
            : options.MaxBatchWait * Math.Min(1, (double)sensors / SensorsForMaxWait);
        var left = _isWaiting ? wait - clock.GetElapsedTime(_since) : wait;
        if (waiting == 0 || waiting >= enough || buffer.IsFull || left <= TimeSpan.Zero)
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
