using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Alerts;

/// <summary>Watches the sensors of a shard: what is read moves their watches on, what is silent for too long is found by time.</summary>
/// <remarks>
/// Silence is judged by the clock of the source that a sensor was last heard from. A sensor that has none, because it was
/// never heard of or its topic is no more, is judged by the slowest clock there is.
/// Bytes: version, measurements by name, base moment, sources, sensors (see <see cref="StateWriter"/>).
/// </remarks>
public sealed class SensorWatches(MeasurementSet measurements, AlertRules rules)
{
    private const byte FormatVersion = 1;

    /// <summary>A set of bits holds them; a shard has one source or few.</summary>
    private const int MaxSources = 63;

    private readonly Dictionary<int, WatchedEntry> _sensors = [];
    private readonly List<WatchedSource> _sources = [];
    private readonly PriorityQueue<WatchedEntry, long> _dueWithoutSource = new();

    public int Count => _sensors.Count;

    public SensorWatch? Find(int sensorId) => _sensors.TryGetValue(sensorId, out var entry) ? entry.Watch : null;

    /// <summary>Whether the sensor is heard from the source, or from none.</summary>
    public bool HasSensorsOf(SourceId source)
    {
        var index = _sources.FindIndex(known => known.Id == source);
        return _dueWithoutSource.Count > 0 || (index >= 0 && _sources[index].Due.Count > 0);
    }

    /// <summary>Takes readings, grouped by sensor, of each sensor in the order of their offsets.</summary>
    /// <param name="mark">What was taken from the source before.</param>
    /// <param name="streamTime">Of the source before these readings, µs since the epoch.</param>
    /// <param name="now">See <see cref="SensorWatch.Observe"/>.</param>
    public void Observe(
        SourceId source, ReadOnlySpan<Reading> readings, long mark, ExactnessRules exactness, long streamTime, long now, ICollection<AlertChange> changes)
    {
        var index = IndexOf(source);
        WatchedEntry? entry = null;
        foreach (ref readonly var reading in readings)
        {
            if (!exactness.IsNew(reading.Offset, mark))
            {
                continue;
            }

            if (entry?.Watch.SensorId != reading.SensorId)
            {
                Enqueue(entry);
                entry = EntryOf(reading.SensorId);
                entry.Source = index;
            }

            entry.Watch.Observe(reading, streamTime, now, entry.Rules, changes);
        }

        Enqueue(entry);
    }

    /// <summary>Time has passed for a source: raises what is silent for too long.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public void Tick(SourceId source, long streamTime, ICollection<AlertChange> changes)
    {
        var index = IndexOf(source);
        var ticking = _sources[index];
        ticking.StreamTime = Math.Max(ticking.StreamTime, streamTime);
        RaiseDue(ticking.Due, index, ticking.StreamTime, changes);
        RaiseDue(_dueWithoutSource, MaxSources, SlowestClock, changes);
    }

    /// <summary>A sensor is registered: if it was never heard of, it is waited for.</summary>
    /// <param name="from">Silence counts from here, µs since the epoch.</param>
    /// <returns>Whether that is news.</returns>
    public bool Expect(int sensorId, long from)
    {
        var entry = EntryOf(sensorId);
        var isNews = !entry.Watch.IsRegistered;
        entry.Watch.IsRegistered = true;
        entry.Watch.Expect(from);
        Enqueue(entry);
        return isNews;
    }

    /// <summary>Gives a sensor rules of its own, or back the usual ones.</summary>
    /// <param name="own">Null: the usual ones.</param>
    public void SetRules(int sensorId, AlertRules? own)
    {
        if (_sensors.TryGetValue(sensorId, out var entry) && entry.Rules != (own ?? rules))
        {
            entry.Rules = own ?? rules;
            // What is queued by a longer time-out would be found too late.
            Put(entry);
        }
    }

    /// <summary>Forgets sensors that were registered and are no more. One that still reports is met anew.</summary>
    /// <returns>Whether there were any.</returns>
    public bool ForgetRemoved(Predicate<int> isRegistered, long at, ICollection<AlertChange> changes)
    {
        var count = _sensors.Count;
        foreach (var (sensorId, entry) in _sensors)
        {
            if ((entry.Watch.IsRegistered || !entry.Watch.IsHeard) && !isRegistered(sensorId))
            {
                entry.Watch.Dismiss(at, changes);
                _sensors.Remove(sensorId);
            }
        }

        return _sensors.Count < count;
    }

    public IEnumerable<int> SensorIds => _sensors.Keys;

    /// <param name="over">What this has returned before and nobody needs any more; null: nothing.</param>
    /// <returns>What <see cref="Load"/> takes; zeros may follow it.</returns>
    public byte[] ToBytes(byte[]? over = null)
    {
        using var writer = new StateWriter();
        writer.Byte(FormatVersion);
        writer.Unsigned((ulong)measurements.Count);
        foreach (var measurement in measurements.All)
        {
            writer.Text(measurement.Name);
        }

        var @base = _sensors.Count == 0 ? 0 : _sensors.Values.Max(entry => entry.Watch.LastReadingAt == SensorWatch.Never ? 0 : entry.Watch.LastReadingAt);
        writer.Signed(@base);
        writer.Unsigned((ulong)_sources.Count);
        Span<byte> topic = stackalloc byte[16];
        foreach (var source in _sources)
        {
            source.Id.TopicId.TryWriteBytes(topic, bigEndian: true, out _);
            writer.Bytes(topic);
            writer.Unsigned((ulong)source.Id.Partition);
        }

        writer.Unsigned((ulong)_sensors.Count);
        foreach (var (sensorId, entry) in _sensors)
        {
            writer.Signed(sensorId);
            writer.Signed(entry.Source);
            entry.Watch.Write(writer, @base);
        }

        return writer.ToArray(over);
    }

    /// <summary>Takes over what was written; to be called before anything else.</summary>
    /// <exception cref="FormatException">The bytes are of a version that is not known here, or cut short.</exception>
    public void Load(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes);
        if (reader.Byte() != FormatVersion)
        {
            throw new FormatException("The monitor's state is not of a known version; a newer release has written it.");
        }

        var columns = new int[(int)reader.Unsigned()];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = measurements.IndexOf(reader.Text());
        }

        var @base = reader.Signed();
        for (var left = (int)reader.Unsigned(); left > 0; left--)
        {
            _sources.Add(new(new(new(reader.Bytes(), bigEndian: true), (int)reader.Unsigned())));
        }

        for (var left = (int)reader.Unsigned(); left > 0; left--)
        {
            var entry = EntryOf((int)reader.Signed());
            entry.Source = (int)reader.Signed();
            entry.Watch.Read(ref reader, @base, columns);
            Enqueue(entry);
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

    private WatchedEntry EntryOf(int sensorId)
    {
        if (!_sensors.TryGetValue(sensorId, out var entry))
        {
            _sensors.Add(sensorId, entry = new(new(sensorId, measurements.Count), rules));
        }

        return entry;
    }

    private int IndexOf(SourceId source)
    {
        for (var i = 0; i < _sources.Count; i++)
        {
            if (_sources[i].Id == source)
            {
                return i;
            }
        }

        return Add(source);
    }

    /// <summary>By itself, so that a source that is known does not allocate what the search captures.</summary>
    private int Add(SourceId source)
    {
        if (_sources.Exists(known => known.Id.TopicId != source.TopicId) || _sources.Count == MaxSources)
        {
            LeaveSources();
        }

        _sources.Add(new(source));
        return _sources.Count - 1;
    }

    /// <summary>The topic is another one: nobody tells the time of the sources any more that the sensors were heard from.</summary>
    private void LeaveSources()
    {
        _sources.Clear();
        foreach (var entry in _sensors.Values)
        {
            (entry.Source, entry.Queued) = (-1, entry.Queued & (1UL << MaxSources));
            Enqueue(entry);
        }
    }

    /// <summary>Makes sure that it is found when it is due.</summary>
    private void Enqueue(WatchedEntry? entry)
    {
        if (entry is not null && (entry.Queued & (1UL << QueueOf(entry))) == 0)
        {
            Put(entry);
        }
    }

    private void Put(WatchedEntry entry)
    {
        if (entry.DueAt != long.MaxValue)
        {
            (entry.Source < 0 ? _dueWithoutSource : _sources[entry.Source].Due).Enqueue(entry, entry.DueAt);
            entry.Queued |= 1UL << QueueOf(entry);
        }
    }

    private static int QueueOf(WatchedEntry entry) => entry.Source < 0 ? MaxSources : entry.Source;

    private void RaiseDue(PriorityQueue<WatchedEntry, long> due, int queue, long streamTime, ICollection<AlertChange> changes)
    {
        while (due.TryPeek(out _, out var at) && at < streamTime)
        {
            var entry = due.Dequeue();
            entry.Queued &= ~(1UL << queue);
            if (QueueOf(entry) != queue)
            {
                continue; // heard from another source since, where it is queued
            }

            if (_sensors.GetValueOrDefault(entry.Watch.SensorId) == entry)
            {
                entry.Watch.CheckSilence(streamTime, entry.Rules, changes);
                Enqueue(entry);
            }
        }
    }
}
