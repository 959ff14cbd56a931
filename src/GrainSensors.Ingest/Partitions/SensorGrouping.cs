using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Partitions;

/// <summary>Brings the readings of a batch together by sensor, keeping the order of offsets: a counting sort by slot.</summary>
internal sealed class SensorGrouping
{
    private readonly List<Group> _groups = [];
    private SensorSlot[] _slotOf = new SensorSlot[256];
    private Reading[] _sorted = new Reading[256];

    /// <summary>A piece of <see cref="Sorted"/>: the readings of one sensor.</summary>
    public readonly record struct Group(SensorSlot Slot, int Start, int Count);

    public Reading[] Sorted => _sorted;

    /// <summary>After a call that was not answered the array belongs to whoever may still deliver it.</summary>
    public void AbandonArray() => _sorted = new Reading[_sorted.Length];

    /// <returns>One group for each sensor, valid until the next call.</returns>
    public List<Group> Run(ReadOnlySpan<Reading> readings, Func<int, SensorSlot> slotOf)
    {
        _groups.Clear();
        if (_sorted.Length < readings.Length)
        {
            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)readings.Length);
            (_sorted, _slotOf) = (new Reading[size], new SensorSlot[size]);
        }

        var (lastId, last) = (-1, (SensorSlot?)null);
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

        return _groups;
    }
}
