using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>The monitor grains that a partition feeds and sends its stream time to.</summary>
/// <remarks>
/// Stream time goes to the monitors whose sensors have their key in the partition, and to those that received readings.
/// Any other monitor may watch sensors that were last heard from this partition before a silo died. Each of these gets a
/// tick until it answers, after the silo that owns it has had time to activate it.
/// </remarks>
/// <param name="partitions">The number of partitions of the topic; null: its keys are not those of sensors.</param>
internal sealed class MonitorGrainHandles(SourceId source, int? partitions, Func<int, IMonitorGrain> grainOf, TimeProvider clock)
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TickOthersAfter = TimeSpan.FromSeconds(10);

    private readonly MonitorGrainHandle[] _handles = CreateAll(source, partitions, grainOf);
    private readonly long _started = clock.GetTimestamp();
    private long _tickedAt = clock.GetTimestamp();
    private long _lastStreamTime = long.MinValue;

    public MonitorGrainHandle Of(int sensorId) => _handles[SensorShards.Of(sensorId)];

    public MonitorGrainHandle this[int shard] => _handles[shard];

    /// <summary>The monitors that receive the stream time of this partition.</summary>
    public IEnumerable<IMonitorGrain> Receivers => _handles.Where(handle => handle.ReceivesTime).Select(handle => handle.Grain);

    /// <summary>Clears what the monitors have acknowledged: after a rewind every reading is sent again.</summary>
    public void ForgetAcknowledgements()
    {
        foreach (var handle in _handles)
        {
            handle.Previous = handle.LastSent = Marks.None;
        }
    }

    /// <summary>Sends the stream time to the monitors if it has changed, at most twice a second.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public void AdvanceStreamTime(long streamTime)
    {
        if (streamTime == _lastStreamTime || clock.GetElapsedTime(_tickedAt) < TickInterval)
        {
            return;
        }

        (_lastStreamTime, _tickedAt) = (streamTime, clock.GetTimestamp());
        var ticksOthers = clock.GetElapsedTime(_started) >= TickOthersAfter;
        foreach (var handle in _handles)
        {
            if ((handle.ReceivesTime || (ticksOthers && !handle.HasAnswered)) && !handle.IsTicking)
            {
                _ = TickAsync(handle, streamTime);
            }
        }
    }

    /// <summary>Sends the stream time to the monitors at once, even if it has not changed.</summary>
    /// <returns>Completes when every monitor has received it.</returns>
    public Task AdvanceAllAsync(long streamTime) =>
        Task.WhenAll(_handles.Where(handle => handle.ReceivesTime).Select(handle => TickAsync(handle, streamTime)));

    private async Task TickAsync(MonitorGrainHandle handle, long streamTime)
    {
        handle.IsTicking = true;
        try
        {
            handle.ReceivesTime |= await handle.Grain.Tick(source, streamTime, handle.LastSent);
            handle.HasAnswered = true;
        }
        catch (Exception)
        {
            // The next tick repeats the call. A monitor that stays unreachable shows up when its readings cannot be sent.
        }

        handle.IsTicking = false;
    }

    private static MonitorGrainHandle[] CreateAll(SourceId source, int? partitions, Func<int, IMonitorGrain> grainOf)
    {
        var handles = new MonitorGrainHandle[SensorShards.Count];
        for (var shard = 0; shard < handles.Length; shard++)
        {
            handles[shard] = new(shard, grainOf(shard));
        }

        foreach (var shard in partitions is { } count ? SensorShards.OfPartition(source.Partition, count) : [])
        {
            handles[shard].ReceivesTime = true;
        }

        return handles;
    }
}
