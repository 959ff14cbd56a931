namespace GrainSensors.Core.Windows;

/// <summary>A stored window: the statistics of all its measurements, written together with the marks.</summary>
/// <param name="Measurements">The measurements that have values, each once.</param>
/// <param name="Marks">The last offset of each source that the statistics contain.</param>
/// <param name="RowVersion">A new random number for every write. The next write must state it.</param>
/// <param name="Revision">The number of writes with new readings after the first close.</param>
/// <param name="IsFinal">Whether the window was closed; true from the first close on.</param>
/// <param name="CorrectedBy">
/// The reconciliation run that writes a correction. Null for other writes, which leave the stored value as it is.
/// </param>
public sealed record StoredWindow(
    WindowId Id,
    IReadOnlyList<MeasuredStatistics> Measurements,
    Marks Marks,
    long RowVersion,
    int Revision,
    bool IsFinal,
    Guid? CorrectedBy = null)
{
    /// <summary>Whether the current revision is not announced yet, so that the owner must close the window again.</summary>
    public bool IsDue { get; init; }

    /// <summary>The latest reading in the window; null in a window that an older release wrote.</summary>
    public ReadingOrder? Latest { get; init; }

    /// <summary>A row for each measurement.</summary>
    public IEnumerable<WindowRow> Rows => Measurements.Select(measured => new WindowRow(
        new(Id.SensorId, measured.Measurement, Id.Period, Id.Start), measured.Statistics, Marks, RowVersion, Revision, IsFinal,
        CorrectedBy)
    {
        Sketch = measured.Sketch,
        Edges = measured.Edges,
    });
}
