using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>A window in memory: its current content, and the content that is known to be stored.</summary>
internal sealed class WindowState
{
    private readonly MeasurementSet _measurements;
    private readonly ExactnessRules _rules;
    private readonly RunningStatistics[] _statistics;

    /// <summary>The values by measurement and step; null for measurements of which every value counts.</summary>
    private readonly StepValues?[]? _steps;

    /// <summary>The values of the latest reading by measurement; NaN: it has none.</summary>
    private readonly double[] _last;

    /// <summary>Measurements that were removed from the configuration. They take no readings, but must stay in the row.</summary>
    private MeasuredStatistics[] _unconfigured = [];

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
    private long _replaced;

    /// <summary>Creates a window that the store does not have.</summary>
    public WindowState(WindowId id, MeasurementSet measurements, ExactnessRules rules, Deduplication? deduplication)
    {
        (Id, _measurements, _rules) = (id, measurements, rules);
        if (deduplication is not null)
        {
            var steps = (int)(id.Period.TotalMicros / deduplication.Resolution);
            _steps = Array.ConvertAll(new StepValues?[measurements.Count], _ => new StepValues(steps));
        }

        _statistics = new RunningStatistics[measurements.Count];
        _last = new double[measurements.Count];
        Array.Fill(_last, double.NaN);
    }

    /// <summary>Creates a window from the store. Its measurements deduplicate as they did when they were written.</summary>
    public WindowState(StoredWindow stored, MeasurementSet measurements, ExactnessRules rules, Deduplication? deduplication)
        : this(stored.Id, measurements, rules, deduplication)
    {
        _rowVersion = stored.RowVersion;
        _revision = stored.Revision;
        _isFinal = _storedFinal = stored.IsFinal;
        _storedDue = stored.IsDue;
        _marks = stored.Marks;
        _latest = stored.Latest;
        _knowsLatest = stored.Latest is not null;
        foreach (var measured in stored.Measurements)
        {
            if (measurements.IndexOf(measured.Measurement) is var index and >= 0)
            {
                (_statistics[index], _last[index]) = (measured.Statistics, measured.Last);
                if (rules.KeepsSteps && (_steps is not null || measured.Steps is not null))
                {
                    (_steps ??= new StepValues?[measurements.Count])[index] = measured.Steps?.Copy();
                }
            }
            else
            {
                _unconfigured = [.. _unconfigured, measured];
            }
        }

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

    /// <summary>The number of values of all configured measurements, and how often a smaller one took the place of a value.</summary>
    private long Count
    {
        get
        {
            var count = _replaced;
            foreach (ref readonly var statistics in _statistics.AsSpan())
            {
                count += statistics.Count;
            }

            return count;
        }
    }

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

    /// <summary>Applies the value of a measurement by its index.</summary>
    public void Apply(int measurement, long timestamp, double value)
    {
        if (_steps?[measurement] is { } steps)
        {
            ApplyOnce(measurement, steps, (int)((timestamp - Start) / (Id.Period.TotalMicros / steps.Steps)), value);
        }
        else
        {
            _statistics[measurement] = _statistics[measurement].Add(value);
        }
    }

    private void ApplyOnce(int measurement, StepValues steps, int step, double value)
    {
        if (double.IsNaN(steps[step]))
        {
            steps[step] = value;
            _statistics[measurement] = _statistics[measurement].Add(value);
        }
        else if (_rules.TakesPlaceOf(value, steps[step]))
        {
            steps[step] = value;
            _statistics[measurement] = steps.Statistics();
            _replaced++;
        }
    }

    /// <summary>Ends a step of an add.</summary>
    /// <param name="readings">The readings of the add.</param>
    /// <param name="last">The index of the last reading that was applied; −1 if there is none.</param>
    /// <param name="latest">The index of the latest reading that was applied.</param>
    public void EndApplying(SourceId source, ReadOnlySpan<Reading> readings, int last, int latest)
    {
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

        TakeLatest(readings[latest], new(readings[latest].Timestamp, source.Partition, readings[latest].Offset, index));
    }

    private void TakeLatest(in Reading reading, ReadingOrder order)
    {
        if (!_knowsLatest || (_latest is { } latest && !_rules.IsLater(order, latest)))
        {
            return;
        }

        _latest = order;
        ((ReadOnlySpan<double>)reading.Values)[.._last.Length].CopyTo(_last);
        if (_unconfigured.Length > 0)
        {
            _unconfigured = Array.ConvertAll(_unconfigured, measured => measured with { Last = double.NaN });
        }
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
        var measured = new List<MeasuredStatistics>(_statistics.Length);
        for (var i = 0; i < _statistics.Length; i++)
        {
            if (_statistics[i].Count > 0)
            {
                measured.Add(new(_measurements[i].Name, _statistics[i], _last[i], _steps?[i]?.Copy()));
            }
        }

        measured.AddRange(_unconfigured);
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
    /// <param name="Count">The values of all configured measurements, as in <see cref="WindowState.Count"/>.</param>
    public readonly record struct PendingWrite(WindowState State, WindowWrite Write, int Version, long Count);
}
