using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The monitors that a partition's loop feeds, and tells the time.</summary>
/// <remarks>
/// The time goes to those whose sensors have their key in the partition, and to those that readings were sent to. Any other
/// one may have sensors that were last heard from here, before a silo died: it is asked once, when its owner has had the
/// time to wake it on its own silo.
/// </remarks>
/// <param name="partitions">Of the topic.</param>
internal sealed class MonitorGrainHandles(SourceId source, int partitions, Func<int, IMonitorGrain> grainOf, TimeProvider clock)
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AskOthersAfter = TimeSpan.FromSeconds(10);

    private readonly MonitorGrainHandle[] _slots = CreateAll(source, partitions, grainOf);
    private readonly long _started = clock.GetTimestamp();
    private long _tickedAt = clock.GetTimestamp();
    private long _told = long.MinValue;
    private bool _othersAreAsked;

    public MonitorGrainHandle Of(int sensorId) => _slots[SensorShards.Of(sensorId)];

    public MonitorGrainHandle this[int shard] => _slots[shard];

    /// <summary>Those that the loop has talked to.</summary>
    public IEnumerable<IMonitorGrain> Told => _slots.Where(slot => slot.ReceivesTime).Select(slot => slot.Grain);

    /// <summary>After a rewind nothing that was acknowledged counts.</summary>
    public void ForgetAcknowledgements()
    {
        foreach (var slot in _slots)
        {
            slot.Previous = slot.LastSent = Marks.None;
        }
    }

    /// <summary>Tells the time if it has passed, and not for the sake of every moment.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public void AdvanceStreamTime(long streamTime)
    {
        if (streamTime == _told || clock.GetElapsedTime(_tickedAt) < TickInterval)
        {
            return;
        }

        (_told, _tickedAt) = (streamTime, clock.GetTimestamp());
        var asksAll = !_othersAreAsked && clock.GetElapsedTime(_started) >= AskOthersAfter;
        _othersAreAsked |= asksAll;
        foreach (var slot in _slots)
        {
            if ((slot.ReceivesTime || asksAll) && !slot.IsTicking)
            {
                _ = TickAsync(slot, streamTime);
            }
        }
    }

    /// <summary>Tells the time whatever was told before.</summary>
    /// <returns>When everybody has heard.</returns>
    public Task AdvanceAllAsync(long streamTime) => Task.WhenAll(_slots.Where(slot => slot.ReceivesTime).Select(slot => TickAsync(slot, streamTime)));

    private async Task TickAsync(MonitorGrainHandle slot, long streamTime)
    {
        slot.IsTicking = true;
        try
        {
            slot.ReceivesTime |= await slot.Grain.Tick(source, streamTime, slot.LastSent);
        }
        catch (Exception)
        {
            // It is told again with the next tick; that something is wrong is said by the readings that do not get there.
        }

        slot.IsTicking = false;
    }

    private static MonitorGrainHandle[] CreateAll(SourceId source, int partitions, Func<int, IMonitorGrain> grainOf)
    {
        var slots = new MonitorGrainHandle[SensorShards.Count];
        for (var shard = 0; shard < slots.Length; shard++)
        {
            slots[shard] = new(shard, grainOf(shard));
        }

        foreach (var shard in SensorShards.OfPartition(source.Partition, partitions))
        {
            slots[shard].ReceivesTime = true;
        }

        return slots;
    }
}
