using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Alerts;

/// <summary>Watches the sensors of a shard: readings update their watches, stream time finds the silent ones.</summary>
/// <remarks>
/// The stream time of the source that last delivered a sensor decides whether the sensor is silent. A sensor without a source
/// (it never reported, or its topic was deleted) is judged by the slowest stream time of all sources.
/// </remarks>
public sealed partial class SensorWatches(MeasurementSet measurements, AlertRules rules)
{
    private readonly Dictionary<int, WatchedEntry> _sensors = [];
    private readonly List<WatchedSource> _sources = [];
    private readonly PriorityQueue<WatchedEntry, long> _dueWithoutSource = new();

    /// <summary>The times of dismissals by sensor, µs since the epoch. They are not part of the state; the store has them.</summary>
    private readonly Dictionary<int, long> _forgotten = [];

    public int Count => _sensors.Count;

    public SensorWatch? Find(int sensorId) => _sensors.TryGetValue(sensorId, out var entry) ? entry.Watch : null;

    /// <summary>Whether the clock of the source decides about a sensor: one that it delivers, or one without a source.</summary>
    public bool HasSensorsOf(SourceId source)
    {
        var index = _sources.FindIndex(known => known.Id == source);
        return _dueWithoutSource.Count > 0 || _rulesDueWithoutSource.Count > 0
            || (index >= 0 && (_sources[index].Due.Count > 0 || _sources[index].RulesDue.Count > 0));
    }

    /// <summary>Takes readings that are grouped by sensor; those of a sensor are in the order of their offsets.</summary>
    /// <param name="batch">The batch of the readings, which has their values.</param>
    /// <param name="mark">The last offset taken from the source before.</param>
    /// <param name="streamTime">The stream time of the source before these readings, µs since the epoch.</param>
    /// <param name="now">See <see cref="SensorWatch.Observe"/>.</param>
    public void Observe(
        SourceId source,
        ReadingBatch batch,
        ReadOnlySpan<BatchedReading> readings,
        long mark,
        ExactnessRules exactness,
        long streamTime,
        long now,
        ICollection<AlertChange> changes)
    {
        var index = IndexOf(source);
        WatchedEntry? entry = null;
        var (sensorId, forgotten) = (-1, SensorWatch.Never);
        foreach (ref readonly var reading in readings)
        {
            if (!exactness.IsNew(reading.Offset, mark))
            {
                continue;
            }

            if (_forgotten.Count > 0 && reading.SensorId != sensorId)
            {
                sensorId = reading.SensorId;
                forgotten = _forgotten.GetValueOrDefault(sensorId, SensorWatch.Never);
            }

            if (reading.Timestamp <= forgotten)
            {
                continue;
            }

            if (entry?.Watch.SensorId != reading.SensorId)
            {
                Enqueue(entry);
                entry = EntryOf(reading.SensorId);
                entry.Source = index;
                _unwritten.Add(entry);
                if (entry.RuleSet != _ruleSet)
                {
                    ApplyRules(entry, SensorWatch.Never, changes);
                }
            }

            entry.Watch.Observe(reading, batch.ValuesOf(reading), streamTime, now, entry.Rules, changes);
        }

        Enqueue(entry);
    }

    /// <summary>Advances the stream time of a source and raises alerts of sensors that have become silent.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public void Tick(SourceId source, long streamTime, ICollection<AlertChange> changes)
    {
        var index = IndexOf(source);
        var ticking = _sources[index];
        ticking.StreamTime = Math.Max(ticking.StreamTime, streamTime);
        RaiseDue(ticking.Due, index, ticking.StreamTime, changes);
        RaiseDue(_dueWithoutSource, -1, SlowestClock, changes);
        CheckRules(ticking.RulesDue, index, ticking.StreamTime, changes);
        CheckRules(_rulesDueWithoutSource, -1, SlowestClock, changes);
    }

    /// <summary>Records that a sensor is registered. If it never reported, its silence counts from now on.</summary>
    /// <param name="from">The start of the silence, µs since the epoch.</param>
    /// <returns>Whether the sensor is newly registered.</returns>
    public bool Expect(int sensorId, long from)
    {
        var entry = EntryOf(sensorId);
        var isNew = !entry.Watch.IsRegistered;
        if (isNew || entry.Watch.WaitingSince == SensorWatch.Never)
        {
            _unwritten.Add(entry);
        }

        entry.Watch.IsRegistered = true;
        entry.Watch.Expect(from);
        if (entry.RuleSet != _ruleSet && _ruleSet.HasTimed)
        {
            ApplyRules(entry, SensorWatch.Never, []);
        }

        Enqueue(entry);
        return isNew;
    }

    /// <summary>Sets the rules of a sensor.</summary>
    /// <param name="own">The rules of this sensor; null for the general rules.</param>
    public void SetRules(int sensorId, AlertRules? own)
    {
        if (_sensors.TryGetValue(sensorId, out var entry) && entry.Rules != (own ?? rules))
        {
            entry.Rules = own ?? rules;
            // The entry may be queued by a longer timeout, by which it would be found too late.
            Put(entry);
        }
    }

    /// <summary>Removes sensors that are no longer registered. A removed sensor that still reports is added again as a new one.</summary>
    /// <returns>Whether any sensor was removed.</returns>
    public bool ForgetRemoved(Predicate<int> isRegistered, long at, ICollection<AlertChange> changes)
    {
        var count = _sensors.Count;
        foreach (var (sensorId, entry) in _sensors)
        {
            if ((entry.Watch.IsRegistered || !entry.Watch.IsHeard) && !isRegistered(sensorId))
            {
                entry.Watch.Dismiss(at, changes);
                _sensors.Remove(sensorId);
                _unwritten.AddRemoved(sensorId);
            }
        }

        return _sensors.Count < count;
    }

    /// <summary>
    /// Dismisses a sensor: readings up to the given time are ignored from now on. <see cref="ApplyForgotten"/> removes what is known of
    /// the sensor up to that time.
    /// </summary>
    /// <param name="until">µs since the epoch.</param>
    public void Forget(int sensorId, long until) => _forgotten[sensorId] = until;

    /// <summary>Removes a sensor that was dismissed and has not reported since; of any other one the alerts before its dismissal.</summary>
    /// <remarks>Repeating the call changes nothing, so it can be made after each load of the state.</remarks>
    /// <returns>Whether anything has changed.</returns>
    public bool ApplyForgotten(int sensorId, ICollection<AlertChange> changes)
    {
        if (!_forgotten.TryGetValue(sensorId, out var until) || !_sensors.TryGetValue(sensorId, out var entry))
        {
            return false;
        }

        if (entry.Watch.IsOverBy(until, entry.Rules))
        {
            entry.Watch.Dismiss(until, changes);
            _unwritten.AddRemoved(sensorId);
            return _sensors.Remove(sensorId);
        }

        var count = changes.Count;
        entry.Watch.Forget(until, entry.Rules, changes);
        _unwritten.Add(entry);
        Enqueue(entry);
        return changes.Count > count;
    }

    public IEnumerable<int> SensorIds => _sensors.Keys;

    /// <inheritdoc cref="SensorWatch.CountAtLeast"/>
    public void CountAtLeast(int sensorId, int measurement, RuleKey? rule, int occurrences)
    {
        if (_sensors.TryGetValue(sensorId, out var entry))
        {
            entry.Watch.CountAtLeast(measurement, rule, occurrences);
            _unwritten.Add(entry);
        }
    }

    private long SlowestClock
    {
        get
        {
            var slowest = long.MaxValue;
            foreach (var source in _sources)
            {
                if (source.StreamTime != SensorWatch.Never)
                {
                    slowest = Math.Min(slowest, source.StreamTime);
                }
            }

            return slowest == long.MaxValue ? SensorWatch.Never : slowest;
        }
    }

    private WatchedEntry EntryOf(int sensorId) => _sensors.TryGetValue(sensorId, out var entry) ? entry : NewEntry(sensorId);

    private WatchedEntry NewEntry(int sensorId) =>
        _sensors[sensorId] = new(new(sensorId, measurements.Count, measurements.Primary), rules);

    private int IndexOf(SourceId source)
    {
        for (var i = 0; i < _sources.Count; i++)
        {
            if (_sources[i].Id == source)
            {
                return i;
            }
        }

        _sources.Add(new(source));
        return _sources.Count - 1;
    }

    /// <summary>Ensures that the entry is in the queue of its source.</summary>
    private void Enqueue(WatchedEntry? entry)
    {
        if (entry is null)
        {
            return;
        }

        if (!entry.Queued.Contains(entry.Source + 1))
        {
            Put(entry);
        }

        EnqueueRules(entry);
    }

    private void Put(WatchedEntry entry)
    {
        if (entry.DueAt != long.MaxValue)
        {
            (entry.Source < 0 ? _dueWithoutSource : _sources[entry.Source].Due).Enqueue(entry, entry.DueAt);
            entry.Queued.Add(entry.Source + 1);
        }
    }

    private void RaiseDue(PriorityQueue<WatchedEntry, long> due, int source, long streamTime, ICollection<AlertChange> changes)
    {
        while (due.TryPeek(out _, out var at) && at < streamTime)
        {
            var entry = due.Dequeue();
            entry.Queued.Remove(source + 1);
            if (entry.Source != source)
            {
                continue; // another source delivers the sensor by now, and its queue has the entry
            }

            if (_sensors.GetValueOrDefault(entry.Watch.SensorId) == entry)
            {
                var count = changes.Count;
                entry.Watch.CheckSilence(streamTime, entry.Rules, changes);
                if (changes.Count > count)
                {
                    _unwritten.Add(entry);
                }

                Enqueue(entry);
            }
        }
    }
}
