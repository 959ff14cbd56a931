using System.Runtime.InteropServices;
using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>
/// Groups the readings of a batch by sensor and keeps the order of offsets: a counting sort by handle. With monitoring,
/// sensors of the same monitor are adjacent.
/// </summary>
internal sealed class SensorGrouping
{
    private readonly List<Group> _groups = [];
    private readonly List<Group> _byMonitor = [];
    private readonly List<Piece> _monitors = [];
    private readonly List<MonitorGrainHandle> _shards = [];
    private WindowGrainHandle[] _handleOf = new WindowGrainHandle[256];
    private ReadingBatch _sorted = new(256);

    /// <summary>The range of <see cref="Sorted"/> that holds the readings of one sensor.</summary>
    public readonly record struct Group(WindowGrainHandle Handle, int Start, int Count);

    /// <summary>A range of <see cref="Sorted"/> that is sent to one grain.</summary>
    /// <param name="LastOffset">The greatest offset in the range.</param>
    public readonly record struct Piece(GrainHandle Handle, int Start, int Count, long LastOffset);

    /// <summary>The pieces of the monitors. Empty without monitoring.</summary>
    public List<Piece> Monitors => _monitors;

    /// <summary>One group for each sensor of the batch.</summary>
    public List<Group> Groups => _groups;

    public ReadingBatch Sorted => _sorted;

    /// <summary>Replaces <see cref="Sorted"/>: a call that was not answered may still be delivered, and reads the old arrays.</summary>
    public void AbandonBatch() => _sorted = new(_sorted.Room);

    /// <summary>Allocates room for a number of readings in one step, before a batch that may grow to it.</summary>
    public void Reserve(int readings)
    {
        if (_handleOf.Length < readings)
        {
            (_sorted, _handleOf) = (new(readings), new WindowGrainHandle[readings]);
        }
    }

    /// <param name="batch">The readings in the order of their offsets. Their values are taken over.</param>
    /// <param name="handleOf">Finds the handle of a sensor.</param>
    /// <param name="monitors">The monitors of the partition. Null without monitoring.</param>
    /// <returns>One group for each sensor, valid until the next call.</returns>
    public List<Group> Run(ReadingBatch batch, Func<int, WindowGrainHandle> handleOf, MonitorGrainHandles? monitors = null)
    {
        _groups.Clear();
        _monitors.Clear();
        Reserve(batch.Count);
        CountReadings(batch.Readings, handleOf);
        if (monitors is not null)
        {
            OrderByMonitor(monitors);
        }

        var groups = CollectionsMarshal.AsSpan(_groups);
        Sort(batch, groups);
        if (monitors is not null)
        {
            JoinByMonitor(groups);
        }

        return _groups;
    }

    /// <summary>Finds the handle of each reading, and counts the readings of each handle in its cursor.</summary>
    private void CountReadings(ReadOnlySpan<BatchedReading> readings, Func<int, WindowGrainHandle> handleOf)
    {
        var (lastId, last) = (-1, (WindowGrainHandle?)null);
        for (var i = 0; i < readings.Length; i++)
        {
            if (readings[i].SensorId != lastId)
            {
                lastId = readings[i].SensorId;
                last = handleOf(lastId);
            }

            _handleOf[i] = last!;
            if (last!.Cursor++ == 0)
            {
                _groups.Add(new(last, 0, 0));
            }
        }
    }

    /// <summary>Turns the counts into start positions and copies each reading to its place.</summary>
    private void Sort(ReadingBatch batch, Span<Group> groups)
    {
        var start = 0;
        foreach (ref var group in groups)
        {
            var count = group.Handle.Cursor;
            group = new(group.Handle, start, count);
            group.Handle.Cursor = start;
            start += count;
        }

        var sorted = _sorted.Rearrange(batch);
        var readings = batch.Readings;
        for (var i = 0; i < readings.Length; i++)
        {
            sorted[_handleOf[i].Cursor++] = readings[i];
        }

        foreach (ref readonly var group in groups)
        {
            group.Handle.Cursor = 0;
        }
    }

    /// <summary>Orders the groups by monitor, again by a counting sort.</summary>
    private void OrderByMonitor(MonitorGrainHandles monitors)
    {
        _shards.Clear();
        foreach (var group in _groups)
        {
            var shard = group.Handle.Monitor ??= monitors.Of(group.Handle.SensorId);
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

        CollectionsMarshal.SetCount(_byMonitor, _groups.Count);
        foreach (var group in _groups)
        {
            _byMonitor[group.Handle.Monitor!.Cursor++] = group;
        }

        _groups.Clear();
        _groups.AddRange(_byMonitor);
        _shards.ForEach(shard => shard.Cursor = 0);
    }

    private void JoinByMonitor(ReadOnlySpan<Group> groups)
    {
        for (var i = 0; i < groups.Length;)
        {
            var (shard, start, count, last) = (groups[i].Handle.Monitor!, groups[i].Start, 0, -1L);
            for (; i < groups.Length && groups[i].Handle.Monitor == shard; i++)
            {
                count += groups[i].Count;
                last = Math.Max(last, _sorted.Readings[groups[i].Start + groups[i].Count - 1].Offset);
            }

            _monitors.Add(new(shard, start, count, last));
        }
    }
}
