using System.Collections.Concurrent;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Dispatch;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The latest reading of each sensor on this silo, kept only while there is a watcher.</summary>
/// <remarks>
/// The loops add one reading for each sensor and batch. Without a watcher this costs a batch one comparison. Watchers
/// thereby avoid calls to thousands of grains.
/// </remarks>
public sealed class LatestReadings
{
    private readonly ConcurrentDictionary<int, (Reading Reading, int Partition, string? SourceTopic)> _readings = new();
    private int _watchers;

    /// <summary>Whether there is a watcher.</summary>
    public bool IsWatched => Volatile.Read(ref _watchers) > 0;

    /// <summary>The latest reading of each sensor, in no particular order.</summary>
    public IEnumerable<Reading> All => WithPartitions.Select(latest => latest.Reading);

    /// <summary>The latest reading of each sensor and the partition that it was read from, in no particular order.</summary>
    /// <remarks>The topic is null if it is that of readings.</remarks>
    public IEnumerable<(Reading Reading, int Partition, string? SourceTopic)> WithPartitions => _readings.Select(latest => latest.Value);

    /// <summary>Adds a watcher.</summary>
    /// <returns>Removes the watcher when it is disposed.</returns>
    public IDisposable Watch()
    {
        Interlocked.Increment(ref _watchers);
        return new Watcher(this);
    }

    internal void Take(PartitionName partition, List<SensorGrouping.Group> groups, ReadingBatch sorted)
    {
        foreach (var (handle, start, count) in groups)
        {
            ref readonly var last = ref sorted.Readings[start + count - 1];

            // A reading with an older timestamp is not the latest, even if it arrives later.
            if (!_readings.TryGetValue(handle.SensorId, out var known) || known.Reading.Timestamp <= last.Timestamp)
            {
                _readings[handle.SensorId] = (Reading.Of(last, sorted.ValuesOf(last)), partition.Number, partition.Topic);
            }
        }
    }

    private void Unwatch()
    {
        if (Interlocked.Decrement(ref _watchers) == 0)
        {
            _readings.Clear();
        }
    }

    private sealed class Watcher(LatestReadings latest) : IDisposable
    {
        private LatestReadings? _latest = latest;

        public void Dispose() => Interlocked.Exchange(ref _latest, null)?.Unwatch();
    }
}
