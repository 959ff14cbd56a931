using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>
/// What a window grain does, without Orleans: the windows of one sensor and period in one activation.
/// </summary>
/// <remarks>
/// Runs one turn at a time, like a grain; adds do not overlap each other, flushes and closes interleave with them
/// at every await. Another activation of the same grain may be at work: the tokens in the store decide whose
/// writes take, and the loser forgets everything (<see cref="BecomeStale"/>).
/// </remarks>
internal sealed class SensorWindows
{
    private readonly int _sensorId;
    private readonly Period _period;
    private readonly MeasurementSet _measurements;
    private readonly IWindowStore _store;
    private readonly ExactnessRules _rules;
    private readonly IWindowEvents? _events;
    private readonly WindowFlush _flush;
    private readonly WindowsInMemory _windows = new();

    private Marks _seen;
    private int _generation;

    /// <param name="events">Null: nobody is told of closed windows.</param>
    public SensorWindows(
        int sensorId, Period period, MeasurementSet measurements, IWindowStore store, ExactnessRules rules, Func<long> newToken, IWindowEvents? events = null)
    {
        _sensorId = sensorId;
        _period = period;
        _measurements = measurements;
        _store = store;
        _rules = rules;
        _events = events;
        _flush = new(this, newToken);
    }

    /// <summary>Raised when a refused row proved this activation stale.</summary>
    public event Action? Stale;

    /// <summary>Changes whenever everything is forgotten; what was awaited across a change belongs to a life that is over.</summary>
    public int Generation => _generation;

    public Marks Seen => _seen;

    public bool HasUnwrittenRows => _windows.Rows.Any(row => row.IsDirty);

    public async ValueTask<AddStatus> AddAsync(SourceId source, ReadingSlice readings, long previous)
    {
        AddStatus status;
        var life = _generation;
        while (!TryAdd(source, readings, previous, out status))
        {
            await LoadAsync(MissingFor(readings.Span)!);
            if (life != _generation)
            {
                // What proved that nothing was missing is forgotten.
                return AddStatus.Gap;
            }
        }

        return status;
    }

    /// <summary>Adds at once, where nothing has to be read.</summary>
    /// <returns>False: nothing was done.</returns>
    public bool TryAdd(SourceId source, ReadingSlice readings, long previous, out AddStatus status)
    {
        status = AddStatus.Gap;
        if (_rules.IsGap(_seen[source], previous))
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

    public async ValueTask<long> FlushAsync(SourceId source)
    {
        var written = await _flush.RunAsync();
        return _rules.FlushAnswer(written.EveryRow, written.Seen[source], _seen[source]);
    }

    /// <summary>The first turn of a flush that has two.</summary>
    /// <returns>False: another one is under way.</returns>
    public bool TryBeginFlush(out WindowFlush.UnderWay flush) => _flush.TryBegin(out flush);

    /// <summary>The second turn of a flush, when its rows have their outcomes.</summary>
    /// <returns>As <see cref="FlushAsync"/>.</returns>
    /// <exception cref="WindowStoreUnavailableException">The rows are not known to be durable.</exception>
    public long EndFlush(SourceId source, in WindowFlush.UnderWay flush)
    {
        var written = _flush.End(flush);
        return _rules.FlushAnswer(written.EveryRow, written.Seen[source], _seen[source]);
    }

    public async ValueTask<bool> CloseAsync(SourceId source, long[] starts, long previous)
    {
        if (_rules.IsGap(_seen[source], previous))
        {
            return false;
        }

        var life = _generation;
        while (starts.Where(start => !_windows.Holds(start)).ToList() is { Count: > 0 } missing)
        {
            await LoadAsync(missing);
            if (life != _generation)
            {
                return false;
            }
        }

        var windows = Array.ConvertAll(starts, start => _windows[start]);
        if (_events is not null)
        {
            try
            {
                await AnnounceAsync(_events, windows);
            }
            catch (WindowEventsException) when (!windows.Any(window => window.Rows.Any(row => row.IsStoredFinal)))
            {
                // The rows stay open in the store, where whoever comes next finds them. Of one that is final already nobody
                // would know that its revision has to be announced: there, nothing may be checkpointed.
                return false;
            }

            // A flush may have settled one meanwhile, so that it was let go; it is asked for again.
            if (life != _generation || !Array.TrueForAll(windows, window => _windows.Holds(window.Start) && _windows[window.Start] == window))
            {
                return false;
            }
        }

        foreach (var window in windows)
        {
            foreach (var row in window.Rows)
            {
                row.MakeFinal();
            }
        }

        var written = await _flush.RunAsync();
        return written.EveryRow && life == _generation && await AreFinalAsync(starts);
    }

    /// <remarks>
    /// Readings that are added meanwhile make the rows other ones: those are of the next revision, and are announced when
    /// the window is closed again, which the readings bring about.
    /// </remarks>
    private async ValueTask AnnounceAsync(IWindowEvents events, WindowState[] windows)
    {
        var rows = new List<(MeasurementState State, WindowRow Row)>();
        foreach (var window in windows)
        {
            foreach (var row in window.Rows)
            {
                if (row.MustBeAnnounced)
                {
                    rows.Add((row, row.Snapshot(_sensorId, window.Start, window.Start + _period.TotalMicros, 0).Write.Row));
                }
            }
        }

        if (rows.Count == 0)
        {
            return;
        }

        await events.AnnounceAsync(rows.ConvertAll(row => row.Row));
        foreach (var (state, row) in rows)
        {
            state.Announced(row);
        }
    }

    /// <summary>
    /// Asks the store, for another activation may have written a row that this one does not know: nothing here would
    /// be refused, and that row would stay open for ever.
    /// </summary>
    private async ValueTask<bool> AreFinalAsync(long[] starts)
    {
        var life = _generation;
        var stored = await _store.ReadAsync(Ids(starts), CancellationToken.None);
        if (stored.All(row => row.IsFinal))
        {
            return true;
        }

        if (life == _generation)
        {
            BecomeStale();
        }

        return false;
    }

    /// <summary>The rows to write, copied.</summary>
    internal List<RowWrite> SnapshotDirtyRows(Func<long> newToken)
    {
        var writes = new List<RowWrite>();
        foreach (var window in _windows.All)
        {
            foreach (var row in window.Rows)
            {
                if (row.IsDirty)
                {
                    writes.Add(row.Snapshot(_sensorId, window.Start, window.Start + _period.TotalMicros, newToken()));
                }
            }
        }

        return writes;
    }

    internal Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes) => _store.WriteAsync(writes, CancellationToken.None);

    /// <summary>A row was refused: another activation has written it, so nothing that is held here can be trusted.</summary>
    internal void Refused(MeasurementState row)
    {
        if (_rules.DropsAllWhenRefused)
        {
            BecomeStale();
        }
        else
        {
            _windows.ForgetWindowOf(row);
        }
    }

    internal void ForgetSettledWindows() => _windows.ForgetSettled();

    private void BecomeStale()
    {
        _windows.Clear();
        _seen = Marks.Empty;
        _generation++;
        Stale?.Invoke();
    }

    private List<WindowId> Ids(IEnumerable<long> starts) =>
        [.. starts.Select(start => new WindowId(_sensorId, start, start + _period.TotalMicros))];

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

            var start = _period.StartOf(reading.Timestamp);
            if (window?.Start != start)
            {
                EndApplying(source, window, begun);
                begun.Clear();
                window = _windows[start];
            }

            for (var i = 0; i < _measurements.Count; i++)
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

                if (_rules.IsNew(reading.Offset, row.ApplyingMark))
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

    /// <returns>The starts of the windows that the readings fall into and that are not in memory; null: none.</returns>
    private List<long>? MissingFor(ReadOnlySpan<Reading> readings)
    {
        List<long>? missing = null;
        var last = long.MinValue;
        foreach (ref readonly var reading in readings)
        {
            var start = _period.StartOf(reading.Timestamp);
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

    /// <remarks>
    /// While the store is read, a close that interleaves may have loaded, written and forgotten the same window.
    /// The rows that are kept then hold an old token; writing them is refused, and the proof of staleness cures it.
    /// </remarks>
    private async Task LoadAsync(List<long> starts)
    {
        var life = _generation;
        var stored = await _store.ReadAsync(Ids(starts), CancellationToken.None);
        if (life != _generation)
        {
            return;
        }

        foreach (var start in starts)
        {
            var rows = stored.Where(row => row.Key.Start == start).ToList();
            if (_windows.TryAdd(start, () => new(start, _measurements, rows)))
            {
                foreach (var row in rows)
                {
                    _seen = _rules.SeenAfterLoad(_seen, row.Marks);
                }
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
