using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>A window row in memory: what it holds now, and what of it is known to be stored.</summary>
internal sealed class MeasurementState
{
    private readonly string _metric;
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

    /// <summary>A row that the store does not have.</summary>
    public MeasurementState(string metric) => _metric = metric;

    /// <summary>A row as it was read.</summary>
    public MeasurementState(WindowRow row)
    {
        _metric = row.Key.Measurement;
        _rowVersion = row.RowVersion;
        _revision = row.Revision;
        _isFinal = _storedFinal = row.IsFinal;
        _storedCount = row.Statistics.Count;
        Statistics = row.Statistics;
        Marks = row.Marks;
    }

    public string Metric => _metric;

    public RunningStatistics Statistics { get; private set; }

    public Marks Marks { get; private set; }

    public bool IsDirty => _version != _storedVersion;

    /// <summary>It was closed before.</summary>
    public bool IsStoredFinal => _storedFinal;

    /// <summary>Final and stored: nothing is left to do for it.</summary>
    public bool IsSettled => _storedFinal && !IsDirty;

    /// <summary>The mark of the source whose readings are being applied; valid between Begin and End.</summary>
    public long ApplyingMark => _mark;

    /// <summary>Begins to apply readings of one source; the mark is looked up once, not for each reading.</summary>
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

    /// <summary>What to write now. The revision counts the writes that bring readings to a row that was stored as final.</summary>
    public RowWrite Snapshot(int sensorId, long start, long end, long newToken)
    {
        var row = new WindowRow(new(sensorId, _metric, start, end), Statistics, Marks, newToken, RevisionToWrite, _isFinal);
        return new(this, new(row, _rowVersion), _version);
    }

    /// <summary>What an event would say of it has not been said by this activation.</summary>
    public bool MustBeAnnounced => _announcedRevision != RevisionToWrite || _announcedCount != Statistics.Count;

    /// <summary>An event has said this. What comes after it, written or not, belongs to another revision.</summary>
    public void Announced(WindowRow row) => (_announcedRevision, _announcedCount) = (row.Revision, row.Statistics.Count);

    private int RevisionToWrite
    {
        get
        {
            var revision = _revision + (_storedFinal && Statistics.Count > _storedCount ? 1 : 0);
            return _announcedRevision >= revision && Statistics.Count > _announcedCount ? _announcedRevision + 1 : revision;
        }
    }

    /// <summary>The snapshot is durable; what was applied since stays dirty.</summary>
    public void Stored(in RowWrite snapshot)
    {
        var row = snapshot.Write.Row;
        (_rowVersion, _revision, _storedFinal, _storedCount) = (row.RowVersion, row.Revision, row.IsFinal, row.Statistics.Count);
        _storedVersion = snapshot.Version;
    }
}
