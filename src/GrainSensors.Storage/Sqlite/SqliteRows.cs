using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Converts rows of the table <c>windows</c>, which has a row for each measurement of a window.</summary>
internal static class SqliteRows
{
    /// <summary>The columns of <see cref="ReadWindow"/>.</summary>
    public const string WindowColumns =
        $"{Columns}, is_due, last_value, latest_at, latest_partition, latest_offset, latest_index, steps, sketch, "
        + EdgeColumns;

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

    /// <summary>The columns of <see cref="ReadEdges"/>.</summary>
    public const string EdgeColumns = "edge_first_at, edge_first, edge_last_at, edge_last, edges_token = token";

    /// <param name="column">The first of <see cref="EdgeColumns"/>.</param>
    /// <returns>Null: not known.</returns>
    public static EdgeValues? ReadEdges(SqliteStatement row, int column) =>
        row.IsNull(column) || row.IsNull(column + 4) || row.Integer(column + 4) == 0
            ? null
            : new(row.Integer(column), row.Number(column + 1), row.Integer(column + 2), row.Number(column + 3));

    /// <param name="position">The position of the first of the parameters: the first value's time, its value, the last one's.</param>
    public static void BindEdges(SqliteStatement statement, int position, EdgeValues? edges)
    {
        if (edges is not { } known)
        {
            for (var i = 0; i < 4; i++)
            {
                statement.BindNull(position + i);
            }

            return;
        }

        statement.Bind(position, known.FirstAt);
        statement.Bind(position + 1, known.First);
        statement.Bind(position + 2, known.LastAt);
        statement.Bind(position + 3, known.Last);
    }

    public static QuantileSketch? ReadSketch(SqliteStatement row, int column, long count) =>
        StoredSketch.Read(row.IsNull(column) ? null : row.Bytes(column).ToArray(), count);

    /// <returns>The window of all rows of the statement, one for each of its measurements; null if there is no row.</returns>
    public static StoredWindow? ReadWindow(SqliteStatement row)
    {
        StoredWindow? window = null;
        var measured = new List<MeasuredStatistics>();
        while (row.Next())
        {
            var read = Read(row);
            var steps = StoredSteps.Read(row.IsNull(20) ? null : row.Bytes(20).ToArray(), read.Key.SensorId, read.Key.Start);
            measured.Add(new(
                read.Key.Measurement, read.Statistics, row.Number(15), steps, ReadSketch(row, 21, read.Statistics.Count),
                ReadEdges(row, 22)));
            window ??= new(read.Key.Window, measured, Marks.Empty, read.RowVersion, read.Revision, read.IsFinal, read.CorrectedBy);
            window = window with
            {
                Marks = window.Marks.Max(read.Marks),
                IsDue = row.Integer(14) != 0,
                Latest = row.IsNull(16) ? null : new(row.Integer(16), (int)row.Integer(17), row.Integer(18), (int)row.Integer(19)),
            };
        }

        return window;
    }
}
