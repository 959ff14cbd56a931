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
/// <param name="deduplication">Null: every value counts.</param>
internal sealed class SensorWindows(
    int sensorId, Period period, MeasurementCatalog catalog, ExactnessRules rules, Deduplication? deduplication = null)
{
    private readonly WindowsInMemory _windows = new();

    private Marks _seen;
    private int _generation;
    private int _adds;

    /// <summary>Raised when a refused row proved this activation stale.</summary>
    public event Action? Stale;

    /// <summary>The life of the store that the rows come from.</summary>
    public Guid Life { get; init; }

    /// <summary>Changes whenever everything is discarded; a result that was awaited across a change is void.</summary>
    public int Generation => _generation;

    /// <summary>Changes whenever windows are released; a window that was read before a change may be older than the store.</summary>
    public int Releases { get; private set; }

    /// <summary>The last offsets that this activation was given.</summary>
    public Marks Seen => _seen;

    public bool HasUnwrittenRows => _windows.All.Any(window => window.IsDirty);

    /// <returns>Whether a life of the store is another than that of the rows.</returns>
    public bool IsOtherLife(Guid life) => rules.IsOtherLife(Life, life);

    /// <returns>Whether the activation lacks readings that were acknowledged to the caller.</returns>
    /// <inheritdoc cref="IWindowGrain.Add"/>
    public bool IsGap(SourceId source, long previous) => rules.IsGap(_seen[source], previous);

    /// <summary>Adds readings if every window that they need is in memory.</summary>
    /// <returns>False if a window must be loaded first (<see cref="MissingFor"/>); nothing has changed then.</returns>
    public bool TryAdd(SourceId source, ReadingSlice readings, long previous, Guid life, out AddStatus status)
    {
        status = AddStatus.Gap;
        if (IsOtherLife(life))
        {
            BecomeStale();
            return true;
        }

        if (IsGap(source, previous))
        {
            return true;
        }

        if (MissingFor(readings.Span) is not null)
        {
            return false;
        }

        Apply(source, readings);
        status = AddStatus.Applied;
        return true;
    }

    /// <returns>The starts of the windows that the readings need and that are not in memory; null if there are none.</returns>
    public List<long>? MissingFor(ReadOnlySpan<BatchedReading> readings)
    {
        List<long>? missing = null;
        var last = long.MinValue;
        foreach (ref readonly var reading in readings)
        {
            var start = period.StartOf(reading.Timestamp);
            if (start == last || reading.ValueCount == 0)
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
    public List<WindowId> Ids(IEnumerable<long> starts) => [.. starts.Select(start => new WindowId(sensorId, period, start))];

    /// <summary>Adds windows as the store holds them; a window that is in memory already stays as it is.</summary>
    public void Load(List<long> starts, IReadOnlyList<StoredWindow> stored)
    {
        foreach (var start in starts)
        {
            if (_windows.Holds(start))
            {
                continue;
            }

            var row = stored.FirstOrDefault(window => window.Id.Start == start);
            _windows.Add(row is null
                ? new(new WindowId(sensorId, period, start), catalog, rules, deduplication)
                : new(row, catalog, rules, deduplication));
            if (row is not null)
            {
                _seen = rules.SeenAfterLoad(_seen, row.Marks);
            }
        }
    }

    /// <summary>The windows with these starts, all of which are in memory.</summary>
    public WindowState[] WindowsOf(long[] starts) => Array.ConvertAll(starts, start => _windows[start]);

    /// <returns>Whether this window object is still the one in memory; a flush releases windows that are settled.</returns>
    public bool Holds(WindowState window) => _windows.Holds(window.Start) && _windows[window.Start] == window;

    /// <summary>Copies of the windows that differ from the store, ready to be written.</summary>
    public List<WindowState.PendingWrite> SnapshotDirtyRows(Func<long> newRowVersion)
    {
        var writes = new List<WindowState.PendingWrite>();
        foreach (var window in _windows.All)
        {
            if (window.IsDirty)
            {
                writes.Add(window.Snapshot(newRowVersion(), Life));
            }
        }

        return writes;
    }

    /// <summary>Records the outcomes of writes and releases the windows that are settled.</summary>
    /// <param name="outcomes">One for each write.</param>
    /// <returns>Whether every row was written.</returns>
    public bool Settle(List<WindowState.PendingWrite> writes, WriteOutcome[] outcomes)
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

        if (_windows.ForgetSettled() > 0)
        {
            Releases++;
        }

        return everyRow;
    }

    /// <returns>The answer to a flush that asks about the source.</returns>
    /// <param name="seenAtSnapshot"><see cref="Seen"/> when the rows were copied.</param>
    /// <param name="life">The life of the store that the caller knows.</param>
    public long FlushAnswer(SourceId source, Guid life, bool everyRow, Marks seenAtSnapshot) =>
        IsOtherLife(life) ? Marks.None : rules.FlushAnswer(everyRow, seenAtSnapshot[source], _seen[source]);

    /// <summary>Discards everything: another activation has written, so no row and no offset here can be trusted.</summary>
    public void BecomeStale()
    {
        _windows.Clear();
        _seen = Marks.Empty;
        _generation++;
        Stale?.Invoke();
    }

    private void Refused(WindowState window)
    {
        if (rules.DropsAllWhenRefused)
        {
            BecomeStale();
        }
        else
        {
            _windows.Forget(window);
        }
    }

    private void Apply(SourceId source, ReadingSlice slice)
    {
        _adds++;
        var readings = slice.Span;
        var (window, mark, last, latest) = ((WindowState?)null, Marks.None, -1, -1);
        for (var at = 0; at < readings.Length; at++)
        {
            ref readonly var reading = ref readings[at];
            if (reading.ValueCount == 0)
            {
                continue;
            }

            var start = period.StartOf(reading.Timestamp);
            if (window?.Start != start)
            {
                window?.EndApplying(source, slice, last, latest);
                window = _windows[start];
                (mark, last, latest) = (window.BeginApplying(source, _adds), -1, -1);
            }

            if (!rules.IsNew(reading.Offset, mark))
            {
                continue;
            }

            // Of equal times, the reading that follows in the log is the later one.
            last = at;
            latest = latest < 0 || reading.Timestamp >= readings[latest].Timestamp ? at : latest;
            window.Apply(reading.Timestamp, slice.Batch.ValuesOf(reading));
        }

        window?.EndApplying(source, slice, last, latest);
        if (!readings.IsEmpty)
        {
            _seen = _seen.Raise(source, readings[^1].Offset);
        }
    }
}
