namespace GrainSensors.Benchmarks.Latency;

/// <summary>When the first alert of each sensor was seen in one place.</summary>
internal sealed class AlertSightings
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _seen = [];

    /// <summary>What comes later of the same sensor is not its raising.</summary>
    public void Add(int sensor)
    {
        var now = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
        lock (_gate)
        {
            _seen.TryAdd(sensor, now);
        }
    }

    public bool Covers(IEnumerable<int> sensors)
    {
        lock (_gate)
        {
            return sensors.All(_seen.ContainsKey);
        }
    }

    /// <param name="sent">When the reading of each sensor was sent that raises the alert, µs since the epoch.</param>
    /// <returns>µs.</returns>
    public List<long> Since(IReadOnlyDictionary<int, long> sent)
    {
        lock (_gate)
        {
            return [.. sent.Select(reading => _seen[reading.Key] - reading.Value)];
        }
    }
}
