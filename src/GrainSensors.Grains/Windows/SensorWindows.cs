using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>The windows of one sensor and period in one activation: state only, without store and events.</summary>
/// <remarks>
/// Every method is synchronous and runs in a turn of the activation. <see cref="WindowCalls"/>, <see cref="WindowFlush"/> and
/// <see cref="WindowClosing"/> do the input and output between them. Another activation of the same grain may be at work: the row
/// versions in the store decide whose writes succeed, and the loser discards everything (<see cref="BecomeStale"/>).
/// </remarks>
internal sealed class SensorWindows(int sensorId, Period period, MeasurementSet measurements, ExactnessRules rules)
{
    private readonly WindowsInMemory _windows = new();

    private Marks _seen;
    private int _generation;

    /// <summary>Raised when a refused row proved this activation stale.</summary>
    public event Action? Stale;

    /// <summary>Changes whenever everything is discarded; a result that was awaited across a change is void.</summary>
    public int Generation => _generation;

    /// <summary>The last offsets that this activation was given.</summary>
    public Marks Seen => _seen;

    public bool HasUnwrittenRows => _windows.Rows.Any(row => row.IsDirty);

    /// <returns>Whether the activation lacks readings that were acknowledged to the caller.</returns>
    /// <inheritdoc cref="IWindowGrain.Add"/>
    public bool IsGap(SourceId source, long previous) => rules.IsGap(_seen[source], previous);

    /// <summary>Adds readings if every window that they need is in memory.</summary>
    /// <returns>False if a window must be loaded first (<see cref="MissingFor"/>); nothing has changed then.</returns>
    public bool TryAdd(SourceId source, ReadingSlice readings, long previous, out AddStatus status)
    {
        status = AddStatus.Gap;
        if (IsGap(source, previous))
        {
            return true;
        }

        if (MissingFor(readings.Span) is not null)
        {
            return false;
        }

        Apply(source, readings.Span);
        status = AddStatus.Applied;
        return true;
    }

    /// <returns>The starts of the windows that the readings need and that are not in memory; null if there are none.</returns>
    public List<long>? MissingFor(ReadOnlySpan<Reading> readings)
    {
        List<long>? missing = null;
        var last = long.MinValue;
        foreach (ref readonly var reading in readings)
        {
            var start = period.StartOf(reading.Timestamp);
            if (start == last || !HasValues(reading))
            {
                continue;
            }

            last = start;
            if (!_windows.Holds(start) && missing?.Contains(start) != true)
            {
                (missing ??= []).Add(start);
            }
        }

        return missing;
    }

    /// <returns>Those of the starts whose windows are not in memory.</returns>
    public List<long> Missing(long[] starts) => [.. starts.Where(start => !_windows.Holds(start))];

    /// <summary>The ids of the windows with these starts.</summary>
    public List<WindowId> Ids(IEnumerable<long> starts) =>
        [.. starts.Select(start => new WindowId(sensorId, start, start + period.TotalMicros))];

    /// <summary>Adds windows as the store holds them; a window that is in memory already stays as it is.</summary>
    /// <remarks>
    /// While the store is read, a close that interleaves may have loaded, written and released the same window. The rows
    /// that are added then have an old row version: their write is refused, and the activation starts again.
    /// </remarks>
    public void Load(List<long> starts, IReadOnlyList<WindowRow> stored)
    {
        foreach (var start in starts)
        {
            var rows = stored.Where(row => row.Key.Start == start).ToList();
            if (_windows.TryAdd(start, () => new(start, measurements, rows)))
            {
                foreach (var row in rows)
                {
                    _seen = rules.SeenAfterLoad(_seen, row.Marks);
                }
            }
        }
    }

    /// <summary>The windows with these starts, all of which are in memory.</summary>
    public WindowState[] WindowsOf(long[] starts) => Array.ConvertAll(starts, start => _windows[start]);

    /// <returns>Whether this window object is still the one in memory; a flush releases windows that are settled.</returns>
    public bool Holds(WindowState window) => _windows.Holds(window.Start) && _windows[window.Start] == window;

    /// <summary>The rows of the windows that must be announced, as they are now. Their row version is not set.</summary>
    public List<(MeasurementState State, WindowRow Row)> SnapshotUnannouncedRows(WindowState[] windows)
    {
        var rows = new List<(MeasurementState, WindowRow)>();
        foreach (var window in windows)
        {
            foreach (var row in window.Rows)
            {
                if (row.MustBeAnnounced)
                {
                    rows.Add((row, Snapshot(window, row, newRowVersion: 0).Write.Row));
                }
            }
        }

        return rows;
    }

    /// <summary>Copies of the rows that differ from the store, ready to be written.</summary>
    public List<MeasurementState.PendingWrite> SnapshotDirtyRows(Func<long> newRowVersion)
    {
        var writes = new List<MeasurementState.PendingWrite>();
        foreach (var window in _windows.All)
        {
            foreach (var row in window.Rows)
            {
                if (row.IsDirty)
                {
                    writes.Add(Snapshot(window, row, newRowVersion()));
                }
            }
        }

        return writes;
    }

    /// <summary>Records the outcomes of writes and releases the windows that are settled.</summary>
    /// <param name="outcomes">One for each write.</param>
    /// <returns>Whether every row was written.</returns>
    public bool Settle(List<MeasurementState.PendingWrite> writes, WriteOutcome[] outcomes)
    {
        var everyRow = true;
        for (var i = 0; i < writes.Count; i++)
        {
            switch (outcomes[i])
            {
                case WriteOutcome.Written:
                    writes[i].State.Stored(writes[i]);
                    break;
                case WriteOutcome.Refused:
                    everyRow = false;
                    Refused(writes[i].State);
                    break;
                default:
                    everyRow = false;
                    break;
            }
        }

        _windows.ForgetSettled();
        return everyRow;
    }

    /// <returns>The answer to a flush that asks about the source.</returns>
    /// <param name="seenAtSnapshot"><see cref="Seen"/> when the rows were copied.</param>
    public long FlushAnswer(SourceId source, bool everyRow, Marks seenAtSnapshot) =>
        rules.FlushAnswer(everyRow, seenAtSnapshot[source], _seen[source]);

    /// <summary>Discards everything: another activation has written, so no row and no offset here can be trusted.</summary>
    public void BecomeStale()
    {
        _windows.Clear();
        _seen = Marks.Empty;
        _generation++;
        Stale?.Invoke();
    }

    private MeasurementState.PendingWrite Snapshot(WindowState window, MeasurementState row, long newRowVersion) =>
        row.Snapshot(sensorId, window.Start, window.Start + period.TotalMicros, newRowVersion);

    private void Refused(MeasurementState row)
    {
        if (rules.DropsAllWhenRefused)
        {
            BecomeStale();
        }
        else
        {
            _windows.ForgetWindowOf(row);
        }
    }

    private void Apply(SourceId source, ReadOnlySpan<Reading> readings)
    {
        WindowState? window = null;
        Span<bool> begun = stackalloc bool[MeasurementValues.Capacity];
        foreach (ref readonly var reading in readings)
        {
            if (!HasValues(reading))
            {
                continue;
            }

            var start = period.StartOf(reading.Timestamp);
            if (window?.Start != start)
            {
                EndApplying(source, window, begun);
                begun.Clear();
                window = _windows[start];
            }

            for (var i = 0; i < measurements.Count; i++)
            {
                var value = reading.Values[i];
                if (double.IsNaN(value))
                {
                    continue;
                }

                var row = window!.RowOf(i);
                if (!begun[i])
                {
                    begun[i] = true;
                    row.BeginApplying(source);
                }

                if (rules.IsNew(reading.Offset, row.ApplyingMark))
                {
                    row.Apply(reading.Offset, value);
                }
            }
        }

        EndApplying(source, window, begun);
        if (!readings.IsEmpty)
        {
            _seen = _seen.Raise(source, readings[^1].Offset);
        }
    }

    private static void EndApplying(SourceId source, WindowState? window, ReadOnlySpan<bool> begun)
    {
        for (var i = 0; i < begun.Length; i++)
        {
            if (begun[i])
            {
                window!.RowOf(i).EndApplying(source);
            }
        }
    }

    private static bool HasValues(in Reading reading)
    {
        foreach (var value in (ReadOnlySpan<double>)reading.Values)
        {
            if (!double.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }
}
