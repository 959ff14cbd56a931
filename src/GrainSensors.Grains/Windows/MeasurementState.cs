using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>A window row in memory: its current content, and the content that is known to be stored.</summary>
internal sealed class MeasurementState
{
    private readonly string _measurement;
    private long? _rowVersion;
    private int _revision;
    private bool _isFinal;
    private bool _storedFinal;
    private long _storedCount;
    private int _version;
    private int _storedVersion;
    private long _mark;
    private int _announcedRevision = -1;
    private long _announcedCount;

    /// <summary>Creates a row that the store does not have.</summary>
    public MeasurementState(string measurement) => _measurement = measurement;

    /// <summary>Creates a row from the store.</summary>
    public MeasurementState(WindowRow row)
    {
        _measurement = row.Key.Measurement;
        _rowVersion = row.RowVersion;
        _revision = row.Revision;
        _isFinal = _storedFinal = row.IsFinal;
        _storedCount = row.Statistics.Count;
        Statistics = row.Statistics;
        Marks = row.Marks;
    }

    public RunningStatistics Statistics { get; private set; }

    public Marks Marks { get; private set; }

    public bool IsDirty => _version != _storedVersion;

    /// <summary>Whether the stored row is final: the window was closed before.</summary>
    public bool IsStoredFinal => _storedFinal;

    /// <summary>Whether the row is final and stored as it is, so that no work is left.</summary>
    public bool IsSettled => _storedFinal && !IsDirty;

    /// <summary>
    /// The mark of the source whose readings are being applied; valid between <see cref="BeginApplying"/> and
    /// <see cref="EndApplying"/>.
    /// </summary>
    public long ApplyingMark => _mark;

    /// <summary>Begins to apply readings of one source. The mark is looked up once for all of them.</summary>
    public void BeginApplying(SourceId source) => _mark = Marks[source];

    public void Apply(long offset, double value)
    {
        Statistics = Statistics.Add(value);
        _mark = offset;
    }

    public void EndApplying(SourceId source)
    {
        if (_mark != Marks[source])
        {
            Marks = Marks.Raise(source, _mark);
            _version++;
        }
    }

    public void MakeFinal()
    {
        if (!_isFinal)
        {
            _isFinal = true;
            _version++;
        }
    }

    /// <summary>Copies the row for a write.</summary>
    /// <remarks>The revision counts the writes that add readings to a row that was stored as final.</remarks>
    public PendingWrite Snapshot(int sensorId, long start, long end, long newRowVersion)
    {
        var row = new WindowRow(new(sensorId, _measurement, start, end), Statistics, Marks, newRowVersion, RevisionToWrite, _isFinal);
        return new(this, new(row, _rowVersion), _version);
    }

    /// <summary>Whether this activation must still announce the current content of the row.</summary>
    public bool MustBeAnnounced => _announcedRevision != RevisionToWrite || _announcedCount != Statistics.Count;

    /// <summary>Records that the row was announced. Readings that follow, written or not, belong to another revision.</summary>
    public void Announced(WindowRow row) => (_announcedRevision, _announcedCount) = (row.Revision, row.Statistics.Count);

    private int RevisionToWrite
    {
        get
        {
            var revision = _revision + (_storedFinal && Statistics.Count > _storedCount ? 1 : 0);
            return _announcedRevision >= revision && Statistics.Count > _announcedCount ? _announcedRevision + 1 : revision;
        }
    }

    /// <summary>Records that the snapshot is durable. Readings that were applied since stay dirty.</summary>
    public void Stored(in PendingWrite snapshot)
    {
        var row = snapshot.Write.Row;
        (_rowVersion, _revision, _storedFinal, _storedCount) = (row.RowVersion, row.Revision, row.IsFinal, row.Statistics.Count);
        _storedVersion = snapshot.Version;
    }

    /// <summary>A snapshot of a row on its way to the store.</summary>
    /// <param name="State">The row that was copied.</param>
    /// <param name="Version">The version of the row when it was copied.</param>
    public readonly record struct PendingWrite(MeasurementState State, WindowWrite Write, int Version);
}
