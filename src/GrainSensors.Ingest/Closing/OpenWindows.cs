using GrainSensors.Core.Time;
using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Closing;

/// <summary>The windows that a partition has not closed yet, by their end.</summary>
/// <remarks>
/// A window is due when stream time has reached its end + grace. A window that a late reading opens again is due at the next
/// multiple of <paramref name="lateInterval"/> of the wall clock: a flood of late readings closes it once in an interval. Partitions
/// that hold readings of the same sensor close it at the same time, so that one of them announces it and the others find it closed.
/// </remarks>
/// <param name="grace">How long after its end a window waits for late readings, in µs of stream time.</param>
/// <param name="lateInterval">µs.</param>
internal sealed class OpenWindows(long grace, long lateInterval, TimeProvider clock)
{
    private readonly List<ClosingWindow> _late = [];
    private long _lateDueAt;
    private long _earliestLateStart = long.MaxValue;

    private readonly SortedDictionary<long, List<WindowGrainHandle>> _byEnd = [];
    private long _earliestEnd = long.MaxValue;
    private long _longestPeriod;

    public int Count { get; private set; }

    /// <summary>No open window starts before this. <see cref="long.MaxValue"/> if no window is open.</summary>
    public long StartsFrom =>
        Math.Min(_earliestLateStart, _earliestEnd == long.MaxValue ? long.MaxValue : _earliestEnd - _longestPeriod);

    /// <param name="isLate">Whether a late reading opens the window.</param>
    public void Track(WindowGrainHandle handle, long start, bool isLate = false)
    {
        if (handle.LastTrackedStart == start)
        {
            return;
        }

        handle.LastTrackedStart = start;
        if (handle.OpenStarts.Contains(start))
        {
            return;
        }

        handle.OpenStarts.Add(start);
        Count++;
        if (isLate)
        {
            AddLate(new(handle, start));
            return;
        }

        _longestPeriod = Math.Max(_longestPeriod, handle.Period.TotalMicros);
        var end = start + handle.Period.TotalMicros;
        if (!_byEnd.TryGetValue(end, out var handles))
        {
            _byEnd.Add(end, handles = []);
            _earliestEnd = Math.Min(_earliestEnd, end);
        }

        handles.Add(handle);
    }

    /// <summary>Whether a window is due.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public bool AreDue(long streamTime) => _earliestEnd <= LatestDueEnd(streamTime) || AreLateDue;

    /// <summary>The end of the latest window that is due at a stream time; readings of such windows are late.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public long LatestDueEnd(long streamTime) => streamTime - grace;

    /// <summary>
    /// Takes the windows that are due. They no longer count as open, so a reading that arrives while they are being closed
    /// opens them again.
    /// </summary>
    /// <param name="streamTime">µs since the epoch.</param>
    public List<ClosingWindow> TakeDue(long streamTime) => TakeEndedBy(LatestDueEnd(streamTime), AreLateDue);

    /// <summary>Takes every open window, regardless of the stream time.</summary>
    public List<ClosingWindow> TakeAll() => TakeEndedBy(long.MaxValue, takesLate: true);

    private bool AreLateDue => _late.Count > 0 && EpochTime.Now(clock) >= _lateDueAt;

    private void AddLate(ClosingWindow window)
    {
        if (_late.Count == 0)
        {
            _lateDueAt = ((EpochTime.Now(clock) / lateInterval) + 1) * lateInterval;
        }

        _late.Add(window);
        _earliestLateStart = Math.Min(_earliestLateStart, window.Start);
    }

    private List<ClosingWindow> TakeEndedBy(long latestEnd, bool takesLate)
    {
        var due = takesLate ? TakeLate() : [];
        while (_earliestEnd <= latestEnd && _byEnd.Count > 0)
        {
            var (end, handles) = _byEnd.First();
            _byEnd.Remove(end);
            foreach (var handle in handles)
            {
                var start = end - handle.Period.TotalMicros;
                handle.OpenStarts.Remove(start);
                handle.LastTrackedStart = long.MinValue;
                due.Add(new(handle, start));
            }

            Count -= handles.Count;
            _earliestEnd = _byEnd.Count == 0 ? long.MaxValue : _byEnd.First().Key;
        }

        return due;
    }

    private List<ClosingWindow> TakeLate()
    {
        var due = new List<ClosingWindow>(_late);
        foreach (var (handle, start) in due)
        {
            handle.OpenStarts.Remove(start);
            handle.LastTrackedStart = long.MinValue;
        }

        Count -= due.Count;
        _late.Clear();
        _earliestLateStart = long.MaxValue;
        return due;
    }
}
