namespace GrainSensors.Core.Alerts;

/// <summary>Sensors by the stream time after which their rules as data must be checked. It may move in both directions.</summary>
/// <remarks>A sensor that is due earlier than queued is queued again; one that is due later, when it is taken.</remarks>
internal sealed class DueQueue
{
    private readonly PriorityQueue<WatchedEntry, long> _queue = new();
    private readonly Dictionary<WatchedEntry, long> _times = [];

    public int Count => _times.Count;

    /// <param name="due">µs since the epoch; <see cref="long.MaxValue"/>: not at all.</param>
    public void Put(WatchedEntry entry, long due)
    {
        if (due != long.MaxValue && (!_times.TryGetValue(entry, out var queued) || due < queued))
        {
            _times[entry] = due;
            _queue.Enqueue(entry, due);
        }
    }

    /// <returns>A sensor that is due before a time; null: there is none.</returns>
    public WatchedEntry? Take(long time)
    {
        while (_queue.TryPeek(out var entry, out var at) && at < time)
        {
            _queue.Dequeue();
            if (_times.TryGetValue(entry, out var queued) && queued == at)
            {
                _times.Remove(entry);
                return entry;
            }
        }

        return null;
    }
}
