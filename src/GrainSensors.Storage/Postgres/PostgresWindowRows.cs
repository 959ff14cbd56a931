using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Converts window rows: one array for each column as parameters, <see cref="Columns"/> as results.</summary>
internal static class PostgresWindowRows
{
    /// <summary>The columns in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "w.sensor_id, w.metric, w.window_start, w.window_end, w.sample_count, w.mean, w.m2, w.min, w.max, w.marks, w.token, w.revision, "
        + "w.is_final, w.corrected_by";

    public static WindowRow Read(NpgsqlDataReader reader) => new(
        new(reader.GetInt32(0), reader.GetString(1), ReadTime(reader, 2), ReadTime(reader, 3)),
        new RunningStatistics(reader.GetInt64(4), reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7), reader.GetDouble(8)),
        StoredMarks.Read(reader.GetFieldValue<byte[]>(9), reader.GetInt32(0), ReadTime(reader, 2)),
        reader.GetInt64(10),
        reader.GetInt32(11),
        reader.GetBoolean(12),
        reader.IsDBNull(13) ? null : reader.GetGuid(13));

    /// <returns>µs since the epoch.</returns>
    public static long ReadTime(NpgsqlDataReader reader, int column) => PostgresTime.FromRaw(reader.GetInt64(column));

    /// <summary>Adds the parameters $1 to $14, one array for each column of <see cref="Columns"/>.</summary>
    public static NpgsqlParameterCollection AddRows(this NpgsqlParameterCollection parameters, IReadOnlyList<WindowWrite> writes)
    {
        return parameters
            .AddArray(NpgsqlDbType.Integer, Of(row => row.Key.SensorId))
            .AddArray(NpgsqlDbType.Text, Of(row => row.Key.Measurement))
            .AddArray(NpgsqlDbType.TimestampTz, Of(row => PostgresTime.ToRaw(row.Key.Start)))
            .AddArray(NpgsqlDbType.TimestampTz, Of(row => PostgresTime.ToRaw(row.Key.End)))
            .AddArray(NpgsqlDbType.Bigint, Of(row => row.Statistics.Count))
            .AddArray(NpgsqlDbType.Double, Of(row => row.Statistics.Mean))
            .AddArray(NpgsqlDbType.Double, Of(row => row.Statistics.M2))
            .AddArray(NpgsqlDbType.Double, Of(row => row.Statistics.Min))
            .AddArray(NpgsqlDbType.Double, Of(row => row.Statistics.Max))
            .AddArray(NpgsqlDbType.Bytea, Of(row => row.Marks.ToBytes()))
            .AddArray(NpgsqlDbType.Bigint, Of(row => row.RowVersion))
            .AddArray(NpgsqlDbType.Integer, Of(row => row.Revision))
            .AddArray(NpgsqlDbType.Boolean, Of(row => row.IsFinal))
            .AddArray(NpgsqlDbType.Uuid, Of(row => row.CorrectedBy));

        T[] Of<T>(Func<WindowRow, T> column)
        {
            var values = new T[writes.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = column(writes[i].Row);
            }

            return values;
        }
    }
}
