using GrainSensors.Core.Readings;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The latest readings of sensors: of final windows in the table <c>sensor_latest</c>, of provisional ones in their rows.
/// </summary>
internal static class PostgresLatestReadings
{
    // The rows were written before in this transaction. The token excludes those that were refused. A sensor may have several.
    private const string Upsert =
        """
        INSERT INTO sensor_latest AS l (
            sensor_id, latest_at, latest_partition, latest_offset, latest_index, metrics, latest_values)
        SELECT DISTINCT ON (w.sensor_id) w.sensor_id, w.latest_at, w.latest_partition, w.latest_offset, w.latest_index, w.metrics,
            ARRAY (SELECT unnest(w.statistics[:][6:6]))
        FROM unnest($1, $2, $3, $4) AS k (sensor_id, period, window_start, token)
        CROSS JOIN LATERAL (
            SELECT *
            FROM windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = k.period AND w.window_start = k.window_start
                AND w.period = ANY ($5) AND w.window_start >= $6 AND w.window_start <= $7
            OFFSET 0) AS w
        WHERE w.token = k.token
        ORDER BY w.sensor_id, w.latest_at DESC, w.latest_partition DESC, w.latest_offset DESC, w.latest_index DESC
        ON CONFLICT (sensor_id) DO UPDATE
        SET latest_at = excluded.latest_at, latest_partition = excluded.latest_partition, latest_offset = excluded.latest_offset,
            latest_index = excluded.latest_index, metrics = excluded.metrics, latest_values = excluded.latest_values
        WHERE (excluded.latest_at, excluded.latest_partition, excluded.latest_offset, excluded.latest_index)
            > (l.latest_at, l.latest_partition, l.latest_offset, l.latest_index)
        """;

    private const string Select =
        """
        SELECT DISTINCT ON (sensor_id) sensor_id, latest_at, latest_partition, latest_offset, latest_index, metrics, latest_values
        FROM (
            SELECT sensor_id, latest_at, latest_partition, latest_offset, latest_index, metrics, latest_values FROM sensor_latest
            UNION ALL
            SELECT sensor_id, latest_at, latest_partition, latest_offset, latest_index, metrics, ARRAY (SELECT unnest(statistics[:][6:6]))
            FROM windows WHERE NOT is_final AND latest_at IS NOT NULL AND window_start >= $1) AS l
        WHERE NOT EXISTS (SELECT FROM forgotten_sensors AS f WHERE f.sensor_id = l.sensor_id AND f.forgotten_at >= l.latest_at)
        ORDER BY sensor_id, latest_at DESC, latest_partition DESC, latest_offset DESC, latest_index DESC
        """;

    /// <returns>The command that takes over the latest readings of final windows after they were written; null if there are none.</returns>
    public static NpgsqlBatchCommand? TryCreateUpsert(IReadOnlyList<WindowWrite> writes)
    {
        var final = writes.Select(write => write.Window).Where(window => window is { IsFinal: true, Latest: not null }).ToList();
        if (final.Count == 0)
        {
            return null;
        }

        var keys = final.Select(window => window.Id).ToArray();
        var command = new NpgsqlBatchCommand(Upsert);
        command.Parameters.AddKeys(keys)
            .AddArray(NpgsqlDbType.Bigint, [.. final.Select(window => window.RowVersion)])
            .AddBounds(keys);
        return command;
    }

    /// <inheritdoc cref="IStore.ReadLatestAsync"/>
    public static async Task<IReadOnlyList<LatestReading>> ReadAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<string> measurements, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Select, connection);
        command.Parameters.AddTime(await PostgresWindowReads.ReadOpenFromAsync(connection, cancellationToken));
        var (latest, known) = (new List<LatestReading>(), new RepeatedNames());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (names, values) = (reader.GetFieldValue<string[]>(5), reader.GetFieldValue<double[]>(6));
            var named = names.Zip(values, (name, value) => new NamedValue(known.Once(name), value)).ToList();
            latest.Add(LatestReading.Of(reader.GetInt32(0), PostgresWindowRows.ReadOrder(reader, 1), measurements, named));
        }

        return latest;
    }
}
