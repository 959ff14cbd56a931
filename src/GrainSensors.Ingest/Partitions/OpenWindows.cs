namespace GrainSensors.Ingest.Partitions;

/// <summary>The windows that a loop has yet to close, by the moment they end.</summary>
internal sealed class OpenWindows
{
    private readonly SortedDictionary<long, List<WindowGrainHandle>> _byEnd = [];
    private long _longestPeriod;

    public int Count { get; private set; }

    /// <summary>The earliest end of an open window; <see cref="long.MaxValue"/>: none is open.</summary>
    public long EarliestEnd { get; private set; } = long.MaxValue;

    /// <summary>No open window starts before this; <see cref="long.MaxValue"/>: none is open.</summary>
    public long StartsFrom => EarliestEnd == long.MaxValue ? long.MaxValue : EarliestEnd - _longestPeriod;

    public void Track(WindowGrainHandle slot, long start)
    {
        if (slot.LastTrackedStart == start)
        {
            return;
        }

        slot.LastTrackedStart = start;
        if (slot.OpenStarts.Contains(start))
        {
            return;
        }

        slot.OpenStarts.Add(start);
        _longestPeriod = Math.Max(_longestPeriod, slot.Period.TotalMicros);
        var end = start + slot.Period.TotalMicros;
        if (!_byEnd.TryGetValue(end, out var slots))
        {
            _byEnd.Add(end, slots = []);
            EarliestEnd = Math.Min(EarliestEnd, end);
        }

        slots.Add(slot);
        Count++;
    }

    /// <summary>
    /// Takes the windows that end at or before the moment. They count as open no more, so that a reading that comes
    /// while they are being closed opens them again.
    /// </summary>
    public List<ClosingWindow> TakeDue(long moment)
    {
        var due = new List<ClosingWindow>();
        while (EarliestEnd <= moment && _byEnd.Count > 0)
        {
            var (end, slots) = _byEnd.First();
            _byEnd.Remove(end);
            foreach (var slot in slots)
            {
                var start = end - slot.Period.TotalMicros;
                slot.OpenStarts.Remove(start);
                slot.LastTrackedStart = long.MinValue;
                due.Add(new(slot, start));
            }

            Count -= slots.Count;
            EarliestEnd = _byEnd.Count == 0 ? long.MaxValue : _byEnd.First().Key;
        }

        return due;
    }
}

/// <summary>A window that its grain is told to close.</summary>
internal readonly record struct ClosingWindow(WindowGrainHandle Slot, long Start);
