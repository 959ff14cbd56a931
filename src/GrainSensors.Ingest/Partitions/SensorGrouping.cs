using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Brings the readings of a batch together by sensor, keeping the order of offsets: a counting sort by slot. Where sensors
/// are watched, those with the same monitor stand together.
/// </summary>
internal sealed class SensorGrouping
{
    private readonly List<Group> _groups = [];
    private readonly List<Group> _byMonitor = [];
    private readonly List<Piece> _monitors = [];
    private readonly List<MonitorGrainHandle> _shards = [];
    private WindowGrainHandle[] _slotOf = new WindowGrainHandle[256];
    private Reading[] _sorted = new Reading[256];

    /// <summary>A piece of <see cref="Sorted"/>: the readings of one sensor.</summary>
    public readonly record struct Group(WindowGrainHandle Slot, int Start, int Count);

    /// <summary>A piece of <see cref="Sorted"/> that one grain gets.</summary>
    /// <param name="LastOffset">The greatest of its readings.</param>
    public readonly record struct Piece(GrainHandle Slot, int Start, int Count, long LastOffset);

    /// <summary>What each monitor gets of the batch; empty: sensors are not watched.</summary>
    public List<Piece> Monitors => _monitors;

    /// <summary>One for each sensor of the batch.</summary>
    public List<Group> Groups => _groups;

    public Reading[] Sorted => _sorted;

    /// <summary>After a call that was not answered the array belongs to whoever may still deliver it.</summary>
    public void AbandonArray() => _sorted = new Reading[_sorted.Length];

    /// <summary>Makes room for so many readings at once, before a batch that may grow to it.</summary>
    public void Reserve(int readings)
    {
        if (_sorted.Length < readings)
        {
            (_sorted, _slotOf) = (new Reading[readings], new WindowGrainHandle[readings]);
        }
    }

    /// <param name="monitors">Null: sensors are not watched.</param>
    /// <returns>One group for each sensor, valid until the next call.</returns>
    public List<Group> Run(ReadOnlySpan<Reading> readings, Func<int, WindowGrainHandle> slotOf, MonitorGrainHandles? monitors = null)
    {
        _groups.Clear();
        _monitors.Clear();
        Reserve(readings.Length);

        var (lastId, last) = (-1, (WindowGrainHandle?)null);
        for (var i = 0; i < readings.Length; i++)
        {
            if (readings[i].SensorId != lastId)
            {
                lastId = readings[i].SensorId;
                last = slotOf(lastId);
            }

            _slotOf[i] = last!;
            if (last!.Cursor++ == 0)
            {
                _groups.Add(new(last, 0, 0));
            }
        }

        if (monitors is not null)
        {
            OrderByMonitor(monitors);
        }

        var start = 0;
        var groups = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_groups);
        foreach (ref var group in groups)
        {
            var count = group.Slot.Cursor;
            group = new(group.Slot, start, count);
            group.Slot.Cursor = start;
            start += count;
        }

        for (var i = 0; i < readings.Length; i++)
        {
            _sorted[_slotOf[i].Cursor++] = readings[i];
        }

        foreach (ref readonly var group in groups)
        {
            group.Slot.Cursor = 0;
        }

        if (monitors is not null)
        {
            JoinByMonitor(groups);
        }

        return _groups;
    }

    /// <summary>Another counting sort, of the groups.</summary>
    private void OrderByMonitor(MonitorGrainHandles monitors)
    {
        _shards.Clear();
        foreach (var group in _groups)
        {
            var shard = group.Slot.Monitor ??= monitors.Of(group.Slot.SensorId);
            if (shard.Cursor++ == 0)
            {
                _shards.Add(shard);
            }
        }

        var next = 0;
        foreach (var shard in _shards)
        {
            (shard.Cursor, next) = (next, next + shard.Cursor);
        }

        System.Runtime.InteropServices.CollectionsMarshal.SetCount(_byMonitor, _groups.Count);
        foreach (var group in _groups)
        {
            _byMonitor[group.Slot.Monitor!.Cursor++] = group;
        }

        _groups.Clear();
        _groups.AddRange(_byMonitor);
        _shards.ForEach(shard => shard.Cursor = 0);
    }

    private void JoinByMonitor(ReadOnlySpan<Group> groups)
    {
        for (var i = 0; i < groups.Length;)
        {
            var (shard, start, count, last) = (groups[i].Slot.Monitor!, groups[i].Start, 0, -1L);
            for (; i < groups.Length && groups[i].Slot.Monitor == shard; i++)
            {
                count += groups[i].Count;
                last = Math.Max(last, _sorted[groups[i].Start + groups[i].Count - 1].Offset);
            }

            _monitors.Add(new(shard, start, count, last));
        }
    }
}
