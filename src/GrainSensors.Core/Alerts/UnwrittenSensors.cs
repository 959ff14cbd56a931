namespace GrainSensors.Core.Alerts;

/// <summary>The sensors of a shard that differ from the stored state, removed ones included.</summary>
/// <remarks>
/// A write takes them. Until it is known to have succeeded they count as unwritten, together with those that change meanwhile.
/// </remarks>
internal sealed class UnwrittenSensors
{
    private HashSet<int> _changed = [];
    private HashSet<int> _taken = [];
    private bool _hasAllChanged;
    private bool _areAllTaken;

    public int Count => _changed.Count + _taken.Count;

    /// <summary>Whether the sensors that have not changed must be written, too.</summary>
    public bool AreAll => _hasAllChanged || _areAllTaken;

    public void Add(WatchedEntry entry)
    {
        if (!entry.IsUnwritten)
        {
            entry.IsUnwritten = true;
            _changed.Add(entry.Watch.SensorId);
        }
    }

    public void AddRemoved(int sensorId) => _changed.Add(sensorId);

    public void AddAll() => _hasAllChanged = true;

    /// <summary>Takes the sensors for a write.</summary>
    /// <param name="sensors">The sensors of the shard.</param>
    /// <param name="keepsTaken">Whether those of a write that has failed are among them.</param>
    public (List<WatchedEntry> Changed, List<int> Removed) Take(Dictionary<int, WatchedEntry> sensors, bool keepsTaken)
    {
        if (keepsTaken)
        {
            _changed.UnionWith(_taken);
        }

        (_changed, _taken) = (_taken, _changed);
        _changed.Clear();
        (_areAllTaken, _hasAllChanged) = (AreAll, false);
        var (changed, removed) = (new List<WatchedEntry>(), new List<int>());
        foreach (var sensorId in _taken)
        {
            if (sensors.TryGetValue(sensorId, out var entry))
            {
                entry.IsUnwritten = false;
                changed.Add(entry);
            }
            else
            {
                removed.Add(sensorId);
            }
        }

        return (changed, removed);
    }

    /// <summary>The write that took the sensors has succeeded.</summary>
    public void Written()
    {
        _taken.Clear();
        _areAllTaken = false;
    }
}
