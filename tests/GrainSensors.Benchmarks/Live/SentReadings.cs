using GrainSensors.Benchmarks.Feeding;

namespace GrainSensors.Benchmarks.Live;

/// <summary>When a live feeder has sent which readings. May be told and asked by several threads.</summary>
internal sealed class SentReadings
{
    private readonly Lock _gate = new();
    private readonly List<LiveFeed.Tick> _ticks = [];
    private readonly Dictionary<int, long> _disconnected = [];

    /// <summary>Readings that were sent until now.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _ticks.Count == 0 ? 0 : _ticks[^1].End;
            }
        }
    }

    public void Add(LiveFeed.Tick tick)
    {
        lock (_gate)
        {
            _ticks.Add(tick);
            if (tick.Disconnected >= 0)
            {
                _disconnected[tick.Disconnected] = tick.At;
            }
        }
    }

    /// <returns>When a reading was sent, µs since the epoch; null: the feeder has not told yet.</returns>
    public long? AtOf(long index)
    {
        lock (_gate)
        {
            var (low, high) = (0, _ticks.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _ticks[middle].End > index ? (low, middle) : (middle + 1, high);
            }

            return low == _ticks.Count ? null : _ticks[low].At;
        }
    }

    /// <returns>Readings that were sent between two moments, µs since the epoch.</returns>
    public long CountBetween(long from, long to)
    {
        lock (_gate)
        {
            var within = _ticks.FindAll(tick => tick.At >= from && tick.At <= to);
            return within.Count == 0 ? 0 : within[^1].End - within[0].End;
        }
    }

    /// <returns>The sensors that were disconnected, and when, µs since the epoch.</returns>
    public Dictionary<int, long> Disconnected()
    {
        lock (_gate)
        {
            return new(_disconnected);
        }
    }

    /// <returns>The longest time between two sendings since a moment, s: longer than a linger, and the feeder was held up.</returns>
    public double LongestGap(long since)
    {
        lock (_gate)
        {
            var times = _ticks.Select(tick => tick.At).Where(at => at >= since).ToList();
            return times.Zip(times.Skip(1), (before, after) => after - before).DefaultIfEmpty(0).Max() / 1e6;
        }
    }
}
