using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Converts rows of the table <c>windows</c>, which has a row for each measurement of a window.</summary>
internal static class SqliteRows
{
    /// <summary>The columns in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "sensor_id, metric, period, window_start, sample_count, mean, m2, min, max, marks, token, revision, is_final, corrected_by";

    public static WindowRow Read(SqliteStatement row) => new(
        new((int)row.Integer(0), row.Text(1), StoredPeriod.Parse(row.Text(2)), row.Integer(3)),
        new RunningStatistics(row.Integer(4), row.Number(5), row.Number(6), row.Number(7), row.Number(8)),
        StoredMarks.Read(row.Bytes(9), (int)row.Integer(0), row.Integer(3)),
        row.Integer(10),
        (int)row.Integer(11),
        row.Integer(12) != 0,
        row.IsNull(13) ? null : Guid.Parse(row.Text(13)));

    /// <returns>The window of these rows, one for each of its measurements.</returns>
    public static StoredWindow Join(IReadOnlyList<WindowRow> rows, bool isDue) => new(
        rows[0].Key.Window,
        [.. rows.Select(row => new MeasuredStatistics(row.Key.Measurement, row.Statistics))],
        rows.Aggregate(Marks.Empty, (marks, row) => marks.Max(row.Marks)),
        rows[0].RowVersion,
        rows[0].Revision,
        rows[0].IsFinal,
        rows[0].CorrectedBy)
    {
        IsDue = isDue,
    };
}
