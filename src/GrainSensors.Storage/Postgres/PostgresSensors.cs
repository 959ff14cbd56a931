using System.Globalization;
using System.Text.Json;
using GrainSensors.Storage.Sensors;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The tables <c>sensors</c> and <c>sensor_details</c> in PostgreSQL. A table <c>sensors</c> of the old pipeline may have other types,
/// which the casts convert.
/// </summary>
internal sealed class PostgresSensors(NpgsqlDataSource dataSource, string store) : ISensorRegistry
{
    private const string Details = "coalesce(d.tags, '{}')::text, d.display_name, d.latitude, d.longitude, d.time_zone";

    private const string Ids =
        $"""
        SELECT s.sensor_id::int, NULL::text, s.city::text, s.station::text, coalesce(s.diff_temperature::float8, 0), s.overrides::text,
            {Details}
        FROM sensors AS s LEFT JOIN sensor_details AS d ON d.sensor_id = s.sensor_id
        WHERE s.sensor_id BETWEEN 0 AND 2147483647
        """;

    private const string Names =
        $"""
        SELECT d.sensor_id, n.name, d.city, d.station, coalesce(d.diff_temperature, 0), d.overrides::text, {Details}
        FROM sensor_details AS d JOIN sensor_names AS n ON n.number = d.sensor_id
        WHERE d.sensor_id < 0
        """;

    private const string Registered =
        """
        EXISTS (SELECT FROM sensors WHERE sensor_id = s.id)
        OR EXISTS (SELECT FROM sensor_details WHERE sensor_id = s.id AND sensor_id < 0)
        """;

    /// <summary>
    /// The sorted keys keep two writers of the same sensors from waiting for each other. An adopted row stays as it is unless one of these
    /// columns changes; no offset is NULL there, and 0 here.
    /// </summary>
    private const string Write =
        """
        INSERT INTO sensors AS s (sensor_id, city, station, diff_temperature, overrides)
        SELECT id, city, station, diff, overrides::jsonb FROM unnest($1, $2, $3, $4, $5) AS s (id, city, station, diff, overrides)
        WHERE id >= 0 ORDER BY id
        ON CONFLICT (sensor_id) DO UPDATE
        SET city = excluded.city, station = excluded.station, overrides = excluded.overrides,
            diff_temperature = CASE
                WHEN s.diff_temperature IS NULL AND excluded.diff_temperature::float8 = 0 THEN NULL ELSE excluded.diff_temperature END
        WHERE (s.city::text, s.station::text, coalesce(s.diff_temperature::float8, 0), s.overrides::text) IS DISTINCT FROM
            (excluded.city::text, excluded.station::text, excluded.diff_temperature::float8, excluded.overrides::text)
        """;

    private const string WriteDetails =
        """
        INSERT INTO sensor_details (
            sensor_id, city, station, diff_temperature, overrides, tags, display_name, latitude, longitude, time_zone)
        SELECT id, CASE WHEN id < 0 THEN city END, CASE WHEN id < 0 THEN station END, CASE WHEN id < 0 THEN diff END,
            CASE WHEN id < 0 THEN overrides::jsonb END, tags::jsonb, display_name, latitude, longitude, time_zone
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            AS s (id, city, station, diff, overrides, tags, display_name, latitude, longitude, time_zone)
        ORDER BY id
        ON CONFLICT (sensor_id) DO UPDATE
        SET city = excluded.city, station = excluded.station, diff_temperature = excluded.diff_temperature,
            overrides = excluded.overrides, tags = excluded.tags, display_name = excluded.display_name, latitude = excluded.latitude,
            longitude = excluded.longitude, time_zone = excluded.time_zone
        """;

    private const string Observed =
        """
        EXISTS (SELECT FROM alerts WHERE sensor_id = s.id) OR EXISTS (SELECT FROM windows WHERE sensor_id = s.id)
        """;

    private static readonly string[] Remove =
        ["DELETE FROM sensors WHERE sensor_id = ANY ($1)", "DELETE FROM sensor_details WHERE sensor_id = ANY ($1)"];

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
        .. Remove,
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

    public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(RegistryQuery query, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<RegisteredSensor>>(
        store,
        async () =>
        {
            var tags = query.Tags.Count == 0 ? null : JsonSerializer.Serialize(query.Tags);
            var page = new List<RegisteredSensor>();
            if (query.After is not { Name: { } after })
            {
                await using var ids = Page($"{Ids} AND s.sensor_id > $1", "s.sensor_id", query.Limit);
                ids.Parameters.Add(NpgsqlDbType.Integer, query.After?.Id ?? -1);
                await AddAsync(page, WithTags(ids), cancellationToken);
                after = "";
            }

            if (page.Count < query.Limit)
            {
                await using var names = Page($"{Names} AND n.name > $1", "n.name", query.Limit - page.Count);
                names.Parameters.Add(NpgsqlDbType.Text, after);
                await AddAsync(page, WithTags(names), cancellationToken);
            }

            return page;

            NpgsqlCommand Page(string select, string order, int limit) => dataSource.CreateCommand(string.Create(
                CultureInfo.InvariantCulture,
                $"{select} {(tags is null ? "" : "AND d.tags @> $2")} ORDER BY {order} LIMIT {limit}"));

            NpgsqlCommand WithTags(NpgsqlCommand command)
            {
                _ = tags is null ? null : command.Parameters.Add(NpgsqlDbType.Jsonb, tags);
                return command;
            }
        },
        cancellationToken);

    public Task<IReadOnlyList<RegisteredSensor>> FindAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<RegisteredSensor>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                $"{Ids} AND s.sensor_id = ANY ($1) UNION ALL {Names} AND d.sensor_id = ANY ($1)");
            command.Parameters.AddArray(NpgsqlDbType.Integer, sensorIds.ToArray());
            var found = new List<RegisteredSensor>();
            await AddAsync(found, command, cancellationToken);
            return found;
        },
        cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                SELECT (SELECT count(*) FROM sensors WHERE sensor_id BETWEEN 0 AND 2147483647)
                    + (SELECT count(*) FROM sensor_details WHERE sensor_id < 0)
                """);
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        },
        cancellationToken);

    public Task<IReadOnlyList<WatchedSensor>> ReadWatchedAsync(CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<WatchedSensor>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                SELECT sensor_id::int, overrides::text, NULL::text FROM sensors WHERE sensor_id BETWEEN 0 AND 2147483647
                UNION ALL
                SELECT d.sensor_id, d.overrides::text, n.name
                FROM sensor_details AS d LEFT JOIN sensor_names AS n ON n.number = d.sensor_id AND d.overrides IS NOT NULL
                WHERE d.sensor_id < 0
                ORDER BY 1
                """);
            var watched = new List<WatchedSensor>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                watched.Add(reader.IsDBNull(1)
                    ? new(reader.GetInt32(0))
                    : new(reader.GetInt32(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
            }

            return watched;
        },
        cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            var rows = sensors.ToArray();
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection); // one transaction
            batch.BatchCommands.Add(new(Write));
            batch.BatchCommands.Add(new(WriteDetails));
            foreach (NpgsqlBatchCommand command in batch.BatchCommands)
            {
                command.Parameters
                    .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.SensorId))
                    .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.City))
                    .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Station))
                    .AddArray(NpgsqlDbType.Double, Array.ConvertAll(rows, row => row.Offset))
                    .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Overrides));
            }

            batch.BatchCommands[1].Parameters
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => JsonSerializer.Serialize(row.Tags)))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.DisplayName))
                .AddArray(NpgsqlDbType.Double, Array.ConvertAll(rows, row => row.Latitude))
                .AddArray(NpgsqlDbType.Double, Array.ConvertAll(rows, row => row.Longitude))
                .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.TimeZone));
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        AllOrNoneAsync(sensorIds, Registered, Remove, cancellationToken);

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

    private static async Task AddAsync(List<RegisteredSensor> found, NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(RegistryRow.Read(reader));
        }
    }
}
