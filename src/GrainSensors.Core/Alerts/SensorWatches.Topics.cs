using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Alerts;

public sealed partial class SensorWatches
{
    private IReadOnlySet<Guid>? _retained;

    /// <summary>
    /// Removes the sources of topics that are read no longer: they report no stream time any more. Their sensors have no source then.
    /// </summary>
    /// <param name="live">The topics that are read, the same object unless they have changed; null or none: they are not known.</param>
    /// <param name="caller">A source that reports at this moment, so that its topic is read.</param>
    /// <returns>Whether sources were removed.</returns>
    public bool RetainTopics(IReadOnlySet<Guid>? live, SourceId caller)
    {
        if (live == _retained || live is not { Count: > 0 })
        {
            return false;
        }

        _retained = live;
        bool IsLive(WatchedSource source) => source.Id.TopicId == caller.TopicId || live.Contains(source.Id.TopicId);
        if (_sources.TrueForAll(IsLive))
        {
            return false;
        }

        var kept = _sources.FindAll(IsLive);
        var places = _sources.ConvertAll(source => kept.IndexOf(source));
        _sources.Clear();
        _sources.AddRange(kept);
        _unwritten.AddAll();
        foreach (var entry in _sensors.Values)
        {
            Move(entry, places);
        }

        return true;
    }

    /// <param name="places">The new places of the former sources; −1: the source is gone.</param>
    private void Move(WatchedEntry entry, List<int> places)
    {
        var queued = default(QueueSet);
        for (var source = -1; source < places.Count; source++)
        {
            var place = source < 0 ? -1 : places[source];
            if (entry.Queued.Contains(source + 1) && (source < 0 || place >= 0))
            {
                queued.Add(place + 1);
            }
        }

        entry.Source = entry.Source < 0 ? -1 : places[entry.Source];
        entry.Queued = queued;
        Enqueue(entry);
    }
}
