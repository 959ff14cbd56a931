using System.Collections.Concurrent;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest;

/// <summary>The latest reading of each sensor that this silo has taken, kept only while somebody watches.</summary>
/// <remarks>
/// The loops hand over one reading for each sensor and batch. When nobody watches that costs them a look at one number
/// a batch, and nobody has to ask thousands of grains.
/// </remarks>
public sealed class LatestReadings
{
    private readonly ConcurrentDictionary<int, Reading> _readings = new();
    private int _watchers;

    public bool IsWatched => Volatile.Read(ref _watchers) > 0;

    /// <summary>By sensor, in no order.</summary>
    public IEnumerable<Reading> All => _readings.Select(reading => reading.Value);

    /// <summary>From now on readings are kept, until the result is disposed of.</summary>
    public IDisposable Watch()
    {
        Interlocked.Increment(ref _watchers);
        return new Watcher(this);
    }

    internal void Take(List<SensorGrouping.Group> groups, Reading[] sorted)
    {
        foreach (var (slot, start, count) in groups)
        {
            ref readonly var last = ref sorted[start + count - 1];

            // A late reading says nothing about the present.
            if (!_readings.TryGetValue(slot.SensorId, out var known) || known.Timestamp <= last.Timestamp)
            {
                _readings[slot.SensorId] = last;
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
