using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Converts windows of the table <c>windows</c>, and rows of the view <c>sensor_windows</c>: one array for each column as
/// parameters, <see cref="Columns"/> and <see cref="ViewColumns"/> as results.
/// </summary>
internal static class PostgresWindowRows
{
    /// <summary>The columns in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "w.sensor_id, w.period, w.window_start, w.metrics, w.statistics, w.marks, w.token, w.revision, w.is_final, w.is_due, "
        + "w.corrected_by, w.latest_at, w.latest_partition, w.latest_offset, w.latest_index, "
        + $"w.steps, s.metrics, s.sketches, {EdgeColumns.Columns}";

    /// <summary>The columns in the order of <see cref="ReadMeasured"/>.</summary>
    public const string ViewColumns =
        "w.sensor_id, w.metric, w.period, w.window_start, w.sample_count, w.mean, w.m2, w.min, w.max, w.marks, w.token, w.revision, "
        + "w.is_final, w.corrected_by";

    /// <summary>What a row of the view has for <see cref="ReadDetails"/>, after <see cref="ViewColumns"/>, and the view itself.</summary>
    public const string DetailsOfRow =
        """
        s.sketches[array_position(s.metrics, w.metric)], w.first_at, w.first, w.last_at, w.last
        FROM sensor_windows AS w
        LEFT JOIN window_sketches AS s USING (sensor_id, period, window_start)
        """;

    /// <summary>
    /// The sketches of the window w, whose parameters $4 to $6 are the periods and the first and last start of all windows.
    /// </summary>
    public const string JoinSketches =
        """
        LEFT JOIN LATERAL (
            SELECT s.metrics, s.sketches
            FROM window_sketches AS s
            WHERE w.has_sketches AND s.sensor_id = w.sensor_id AND s.period = w.period AND s.window_start = w.window_start
                AND s.period = ANY ($4) AND s.window_start >= $5 AND s.window_start <= $6
            OFFSET 0) AS s ON true
        """;

    /// <summary>
    /// The rows of the parameters $1 to $23. The statistics of all rows are one array; a row takes its slice of it, because
    /// PostgreSQL has no arrays of arrays of different lengths.
    /// </summary>
    public const string Parameters =
        """
        (
            SELECT sensor_id, period, window_start, window_end, $5[first:last] AS metrics, $6[first:last][1:6] AS statistics,
                marks, token, revision, is_final, is_due, corrected_by, latest_at, latest_partition, latest_offset, latest_index,
                has_sketches, $20[first:last] AS steps,
                CASE WHEN edge_rows > 0 THEN $21[1:2][first:last] END AS edges,
                CASE WHEN edge_rows > 0 THEN $22[first:first + edge_rows - 1][1:2] END AS edge_times, position
            FROM unnest($1, $2, $3, $4, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $23) WITH ORDINALITY AS k (
                sensor_id, period, window_start, window_end, first, last, marks, token, revision, is_final, is_due, corrected_by,
                latest_at, latest_partition, latest_offset, latest_index, has_sketches, edge_rows, position)
        )
        """;

    public static StoredWindow Read(NpgsqlDataReader reader)
    {
        var start = ReadTime(reader, 2);
        var measured = ReadStatistics(reader, 3);
        var steps = reader.IsDBNull(15) ? null : reader.GetFieldValue<byte[]?[]>(15);
        for (var i = 0; i < steps?.Length; i++)
        {
            measured[i] = measured[i] with { Steps = StoredSteps.Read(steps[i], reader.GetInt32(0), start) };
        }

        ReadSketches(reader, 16, 17, measured);
        EdgeColumns.Read(reader, 18, measured);
        return new(
            new(reader.GetInt32(0), StoredPeriod.Parse(reader.GetString(1)), start),
            measured,
            StoredMarks.Read(reader.GetFieldValue<byte[]>(5), reader.GetInt32(0), start),
            reader.GetInt64(6),
            reader.GetInt32(7),
            reader.GetBoolean(8),
            reader.IsDBNull(10) ? null : reader.GetGuid(10))
        {
            IsDue = reader.GetBoolean(9),
            Latest = reader.IsDBNull(11) ? null : ReadOrder(reader, 11),
        };
    }

    /// <param name="column">The first of the columns metrics and statistics.</param>
    public static MeasuredStatistics[] ReadStatistics(NpgsqlDataReader reader, int column)
    {
        // The driver reads an empty array with one dimension only.
        var names = reader.GetFieldValue<string[]>(column);
        var statistics = names.Length == 0 ? new double[0, MeasuredColumns.Width] : reader.GetFieldValue<double[,]>(column + 1);
        var (measured, width) = (new MeasuredStatistics[names.Length], statistics.GetLength(1));
        for (var i = 0; i < names.Length; i++)
        {
            measured[i] = new(
                names[i],
                new((long)statistics[i, 0], statistics[i, 1], statistics[i, 2], statistics[i, 3], statistics[i, 4]),
                width >= MeasuredColumns.Width ? statistics[i, 5] : double.NaN,
                Edges: width >= MeasuredColumns.MergedWidth
                    ? EdgeColumns.Of(statistics[i, 6], statistics[i, 7], statistics[i, 8], statistics[i, 9])
                    : null);
        }

        return measured;
    }

    /// <param name="metrics">The column with the measurements of the sketches.</param>
    /// <param name="column">The column with the sketches.</param>
    public static void ReadSketches(NpgsqlDataReader reader, int metrics, int column, MeasuredStatistics[] measured)
    {
        if (reader.IsDBNull(column))
        {
            return;
        }

        var (names, sketches) = (reader.GetFieldValue<string[]>(metrics), reader.GetFieldValue<byte[]?[]>(column));
        for (var i = 0; i < measured.Length; i++)
        {
            // Both have the measurements in the same order, unless a program that knows no sketches has written the statistics.
            var at = i < names.Length && names[i] == measured[i].Measurement ? i : Array.IndexOf(names, measured[i].Measurement);
            if (at >= 0 && at < sketches.Length)
            {
                measured[i] = measured[i] with { Sketch = StoredSketch.Read(sketches[at], measured[i].Statistics.Count) };
            }
        }
    }

    /// <param name="column">The first of the columns time, partition, offset and index.</param>
    public static ReadingOrder ReadOrder(NpgsqlDataReader reader, int column) =>
        new(ReadTime(reader, column), reader.GetInt32(column + 1), reader.GetInt64(column + 2), reader.GetInt32(column + 3));

    public static WindowRow ReadMeasured(NpgsqlDataReader reader) => new(
        new(reader.GetInt32(0), reader.GetString(1), StoredPeriod.Parse(reader.GetString(2)), ReadTime(reader, 3)),
        new RunningStatistics(reader.GetInt64(4), reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7), reader.GetDouble(8)),
        StoredMarks.Read(reader.GetFieldValue<byte[]>(9), reader.GetInt32(0), ReadTime(reader, 3)),
        reader.GetInt64(10),
        reader.GetInt32(11),
        reader.GetBoolean(12),
        reader.IsDBNull(13) ? null : reader.GetGuid(13));

    /// <returns>The row with what <see cref="DetailsOfRow"/> says of it.</returns>
    public static WindowRow ReadDetails(NpgsqlDataReader reader, WindowRow row) => row with
    {
        Sketch = reader.IsDBNull(14) ? null : StoredSketch.Read(reader.GetFieldValue<byte[]>(14), row.Statistics.Count),
        Edges = reader.IsDBNull(15)
            ? null
            : new(ReadTime(reader, 15), reader.GetDouble(16), ReadTime(reader, 17), reader.GetDouble(18)),
    };

    /// <returns>µs since the epoch.</returns>
    public static long ReadTime(NpgsqlDataReader reader, int column) => PostgresTime.FromRaw(reader.GetInt64(column));

    /// <summary>Adds the sensors, periods and starts of the windows.</summary>
    public static NpgsqlParameterCollection AddKeys(this NpgsqlParameterCollection parameters, WindowId[] windows) => parameters
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(windows, window => window.SensorId))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(windows, window => StoredPeriod.Text(window.Period)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(windows, window => PostgresTime.ToRaw(window.Start)));

    /// <summary>Adds the periods, the first start and the last start of the windows.</summary>
    public static NpgsqlParameterCollection AddBounds(this NpgsqlParameterCollection parameters, WindowId[] windows) => parameters
        .AddArray(NpgsqlDbType.Text, [.. windows.Select(window => window.Period).Distinct().Select(StoredPeriod.Text)])
        .AddTime(windows.Min(window => window.Start))
        .AddTime(windows.Max(window => window.Start));

    /// <summary>Adds the parameters of <see cref="Parameters"/>.</summary>
    public static NpgsqlParameterCollection AddWindows(this NpgsqlParameterCollection parameters, IReadOnlyList<WindowWrite> writes)
    {
        var measurements = Of(window => window.Measurements);
        var measured = new MeasuredColumns(measurements);
        parameters
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Id.SensorId))
            .AddArray(NpgsqlDbType.Text, Of(window => StoredPeriod.Text(window.Id.Period)))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.Start)))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.End)))
            .AddMeasured(measured)
            .AddArray(NpgsqlDbType.Bytea, Of(window => window.Marks.ToBytes()))
            .AddArray(NpgsqlDbType.Bigint, Of(window => window.RowVersion))
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Revision))
            .AddArray(NpgsqlDbType.Boolean, Of(window => window.IsFinal))
            .AddArray(NpgsqlDbType.Boolean, Of(window => window.IsDue))
            .AddArray(NpgsqlDbType.Uuid, Of(window => window.CorrectedBy))
            .AddArray(NpgsqlDbType.TimestampTz, Of<long?>(
                window => window.Latest is { } latest ? PostgresTime.ToRaw(latest.Timestamp) : null))
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Latest?.Partition))
            .AddArray(NpgsqlDbType.Bigint, Of(window => window.Latest?.Offset))
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Latest?.Index))
            .AddArray(NpgsqlDbType.Boolean, measured.HasSketches)
            .Add(NpgsqlDbType.Array | NpgsqlDbType.Bytea, (object?)measured.Steps ?? DBNull.Value);
        return new EdgeColumns(measurements).AddTo(parameters);

        T[] Of<T>(Func<StoredWindow, T> column)
        {
            var values = new T[writes.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = column(writes[i].Window);
            }

            return values;
        }
    }

    /// <summary>Adds the names and statistics of the measurements, and the first and the last position of each window.</summary>
    public static NpgsqlParameterCollection AddMeasured(this NpgsqlParameterCollection parameters, MeasuredColumns measured) => parameters
        .AddArray(NpgsqlDbType.Text, measured.Names)
        .Add(NpgsqlDbType.Array | NpgsqlDbType.Double, measured.Statistics)
        .AddArray(NpgsqlDbType.Integer, measured.First)
        .AddArray(NpgsqlDbType.Integer, measured.Last);
}
