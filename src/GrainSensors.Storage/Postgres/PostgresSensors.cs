using GrainSensors.Storage.Sensors;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The table <c>sensors</c> in PostgreSQL. A table of the old pipeline may have other types, which the casts convert.
/// </summary>
internal sealed class PostgresSensors(NpgsqlDataSource dataSource, string store) : ISensorRegistry
{
    private const string Select =
        """
        SELECT sensor_id::int, city::text, station::text, coalesce(diff_temperature::float8, 0), overrides::text
        FROM sensors WHERE sensor_id IS NOT NULL
        """;

    private const string Registered = "EXISTS (SELECT FROM sensors WHERE sensor_id = s.id)";

    private const string Observed =
        """
        EXISTS (SELECT FROM alerts WHERE sensor_id = s.id) OR EXISTS (SELECT FROM windows WHERE sensor_id = s.id)
        """;

    // The alerts are locked in the order in which the monitors write them. The clock of a sensor may be ahead: its readings up to now
    // are in windows that have not begun.
    private static readonly string[] Forget =
    [
        "SELECT FROM alerts WHERE sensor_id = ANY ($1) AND cleared_at IS NULL ORDER BY alert_id FOR UPDATE",
        $"""
        WITH cleared AS (
            UPDATE alerts SET cleared_at = greatest(last_raised_at, clock_timestamp()), updated_at = clock_timestamp()
            WHERE sensor_id = ANY ($1) AND cleared_at IS NULL
            RETURNING alert_id, occurrences, cleared_at)
        {PostgresAlertIntervals.ClearLast}
        """,
        "DELETE FROM sensors WHERE sensor_id = ANY ($1)",
        """
        INSERT INTO forgotten_sensors AS f (sensor_id, forgotten_at)
        SELECT id, greatest(
            clock_timestamp(),
            (SELECT max(window_end) FROM windows WHERE sensor_id = id AND window_start > now()),
            (SELECT max(last_raised_at) FROM alerts WHERE sensor_id = id))
        FROM unnest($1) AS s (id) ORDER BY id
        ON CONFLICT (sensor_id) DO UPDATE SET forgotten_at = greatest(f.forgotten_at, excluded.forgotten_at)
        """,
    ];

    public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<RegisteredSensor>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand($"{Select} ORDER BY sensor_id");
            return await ReadAsync(command, cancellationToken);
        },
        cancellationToken);

    public Task<RegisteredSensor?> FindAsync(int sensorId, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand($"{Select} AND sensor_id = $1");
            command.Parameters.Add(NpgsqlDbType.Integer, sensorId);
            return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
        },
        cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            var rows = sensors.ToArray();
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO sensors (sensor_id, city, station, diff_temperature, overrides)
                SELECT id, city, station, diff, overrides::jsonb FROM unnest($1, $2, $3, $4, $5) AS s (id, city, station, diff, overrides)
                ON CONFLICT (sensor_id) DO UPDATE
                SET city = excluded.city, station = excluded.station, diff_temperature = excluded.diff_temperature,
                    overrides = excluded.overrides
                """);
            command.Parameters
                .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.SensorId))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.City))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Station))
                .AddArray(NpgsqlDbType.Double, Array.ConvertAll(rows, row => row.Offset))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Overrides));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        AllOrNoneAsync(sensorIds, Registered, ["DELETE FROM sensors WHERE sensor_id = ANY ($1)"], cancellationToken);

    public Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        AllOrNoneAsync(sensorIds, $"{Registered} OR {Observed}", Forget, cancellationToken);

    public Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<ForgottenSensor>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                "SELECT sensor_id, forgotten_at FROM forgotten_sensors WHERE forgotten_at >= $1");
            command.Parameters.AddTime(since);
            var forgotten = new List<ForgottenSensor>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                forgotten.Add(new(reader.GetInt32(0), PostgresTime.FromRaw(reader.GetInt64(1))));
            }

            return forgotten;
        },
        cancellationToken);

    /// <param name="condition">Selects the known ids from the ids <c>s.id</c>.</param>
    /// <param name="changes">The statements to run if all are known.</param>
    /// <returns>The unknown ids.</returns>
    private Task<IReadOnlyList<int>> AllOrNoneAsync(
        IReadOnlyCollection<int> sensorIds, string condition, string[] changes, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<int>>(
        store,
        async () =>
        {
            var ids = sensorIds.Distinct().ToArray();
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var query = new NpgsqlCommand(
                $"SELECT id FROM unnest($1) WITH ORDINALITY AS s (id, place) WHERE NOT ({condition}) ORDER BY place", connection);
            query.Parameters.AddArray(NpgsqlDbType.Integer, ids);
            var unknown = new List<int>();
            await using (var reader = await query.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    unknown.Add(reader.GetInt32(0));
                }
            }

            if (unknown.Count > 0)
            {
                return unknown;
            }

            // PostgreSQL runs a batch without an explicit transaction as one transaction.
            await using var batch = new NpgsqlBatch(connection);
            foreach (var sql in changes)
            {
                var command = new NpgsqlBatchCommand(sql);
                command.Parameters.AddArray(NpgsqlDbType.Integer, ids);
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
            return [];
        },
        cancellationToken);

    private static async Task<List<RegisteredSensor>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var sensors = new List<RegisteredSensor>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            sensors.Add(new(reader.GetInt32(0), Text(1), Text(2), reader.GetDouble(3), Text(4)));
        }

        return sensors;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
