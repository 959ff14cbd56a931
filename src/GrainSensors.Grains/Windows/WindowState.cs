using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>A window in memory: its current content, and the content that is known to be stored.</summary>
internal sealed class WindowState
{
    private readonly ExactnessRules _rules;

    private WindowStatistics _statistics;
    private ReadingOrder? _latest;

    /// <summary>False: the row is older than the columns of the latest reading, which may be any of its readings.</summary>
    private readonly bool _knowsLatest = true;

    private Marks _marks;
    private long? _rowVersion;
    private int _revision;
    private bool _isFinal;
    private bool _storedFinal;
    private bool _storedDue;
    private long _storedCount;
    private int _version;
    private int _storedVersion;
    private int _applyingAdd;
    private long _markBeforeAdd;
    private int _announcedRevision = -1;
    private long _announcedCount;

    /// <summary>Creates a window that the store does not have.</summary>
    public WindowState(WindowId id, MeasurementCatalog catalog, ExactnessRules rules, Deduplication? deduplication)
    {
        (Id, _rules) = (id, rules);
        var steps = deduplication is null ? 0 : (int)(id.Period.TotalMicros / deduplication.Resolution);
        _statistics = new(id, steps, catalog);
    }

    /// <summary>Creates a window from the store. Its measurements deduplicate as they did when they were written.</summary>
    public WindowState(StoredWindow stored, MeasurementCatalog catalog, ExactnessRules rules, Deduplication? deduplication)
        : this(stored.Id, catalog, rules, deduplication)
    {
        _rowVersion = stored.RowVersion;
        _revision = stored.Revision;
        _isFinal = _storedFinal = stored.IsFinal;
        _storedDue = stored.IsDue;
        _marks = stored.Marks;
        _latest = stored.Latest;
        _knowsLatest = stored.Latest is not null;
        _statistics.Load(stored.Measurements, rules);
        _storedCount = Count;
        if (stored is { IsFinal: true, IsDue: false })
        {
            (_announcedRevision, _announcedCount) = (_revision, _storedCount);
        }
    }

    public WindowId Id { get; }

    /// <summary>The start of the window, inclusive, in µs since the epoch.</summary>
    public long Start => Id.Start;

    public bool IsDirty => _version != _storedVersion;

    /// <summary>Whether the window is final and stored as it is, so that it can be released.</summary>
    public bool IsSettled => IsEmpty || (_storedFinal && !IsDirty);

    /// <summary>Whether this activation must still announce the current content of the window.</summary>
    public bool MustBeAnnounced => !IsEmpty && (_announcedRevision != RevisionToWrite || _announcedCount != Count);

    /// <summary>Whether the window has no values, neither here nor as far as is known in the store. It has no row then.</summary>
    private bool IsEmpty => _rowVersion is null && _marks.IsEmpty;

    /// <inheritdoc cref="WindowStatistics.Count"/>
    private long Count => _statistics.Count;

    private int RevisionToWrite
    {
        get
        {
            var revision = _revision + (_storedFinal && Count > _storedCount ? 1 : 0);
            return _announcedRevision >= revision && Count > _announcedCount ? _announcedRevision + 1 : revision;
        }
    }

    /// <summary>Begins to apply readings of one source, in one or more steps of an add.</summary>
    /// <param name="add">A number for each add of the activation.</param>
    /// <returns>
    /// The mark of the source as it was before the add: the readings of one message share an offset, and are taken or left together.
    /// </returns>
    public long BeginApplying(SourceId source, int add)
    {
        if (_applyingAdd != add)
        {
            (_applyingAdd, _markBeforeAdd) = (add, _marks[source]);
        }

        return _markBeforeAdd;
    }

    /// <summary>Applies the values of a reading.</summary>
    public void Apply(long timestamp, ReadOnlySpan<MeasuredValue> values) => _statistics.Apply(timestamp, values, _rules);

    /// <summary>Ends a step of an add.</summary>
    /// <param name="slice">The readings of the add.</param>
    /// <param name="last">The index of the last reading that was applied; −1 if there is none.</param>
    /// <param name="latest">The index of the latest reading that was applied.</param>
    public void EndApplying(SourceId source, ReadingSlice slice, int last, int latest)
    {
        var readings = slice.Span;
        if (last < 0)
        {
            return;
        }

        _marks = _marks.Raise(source, readings[last].Offset);
        _version++;
        var index = 0;
        while (index < latest && readings[latest - index - 1].Offset == readings[latest].Offset)
        {
            index++;
        }

        ref readonly var reading = ref readings[latest];
        TakeLatest(slice.Batch.ValuesOf(reading), new(reading.Timestamp, source.Partition, reading.Offset, index));
    }

    private void TakeLatest(ReadOnlySpan<MeasuredValue> values, ReadingOrder order)
    {
        if (!_knowsLatest || (_latest is { } latest && !_rules.IsLater(order, latest)))
        {
            return;
        }

        _latest = order;
        _statistics.TakeLatest(values);
    }

    /// <summary>Makes the window final, as of the next write.</summary>
    public void MakeFinal()
    {
        if (!IsEmpty && (!_isFinal || _storedDue))
        {
            _isFinal = true;
            _version++;
        }
    }

    /// <summary>Copies the window for a write.</summary>
    /// <remarks>The revision counts the writes that add readings to a window that was stored as final.</remarks>
    /// <param name="life">The life of the store that the row comes from.</param>
    public PendingWrite Snapshot(long newRowVersion, Guid life)
    {
        var measured = _statistics.Copy(withSketches: Count != _storedCount);
        var row = new StoredWindow(Id, measured, _marks, newRowVersion, RevisionToWrite, _isFinal)
        {
            IsDue = _isFinal && MustBeAnnounced,
            Latest = _latest,
        };
        return new(this, new(row, _rowVersion, life), _version, Count);
    }

    /// <summary>Records that the snapshot was announced. Readings that follow, written or not, belong to another revision.</summary>
    public void Announced(in PendingWrite snapshot) =>
        (_announcedRevision, _announcedCount) = (snapshot.Write.Window.Revision, snapshot.Count);

    /// <summary>Records that the snapshot is durable. Readings that were applied since stay dirty.</summary>
    public void Stored(in PendingWrite snapshot)
    {
        var window = snapshot.Write.Window;
        (_rowVersion, _revision, _storedFinal, _storedDue) = (window.RowVersion, window.Revision, window.IsFinal, window.IsDue);
        (_storedCount, _storedVersion) = (snapshot.Count, snapshot.Version);
    }

    /// <summary>A snapshot of a window on its way to the store.</summary>
    /// <param name="State">The window that was copied.</param>
    /// <param name="Version">The version of the window when it was copied.</param>
    /// <param name="Count">The values of all measurements, as in <see cref="WindowState.Count"/>.</param>
    public readonly record struct PendingWrite(WindowState State, WindowWrite Write, int Version, long Count);
}
