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
    private const string Registered =
        """
        EXISTS (SELECT FROM sensors WHERE sensor_id = s.id)
        OR EXISTS (SELECT FROM sensor_details WHERE sensor_id = s.id AND sensor_id < 0)
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
                await using var ids = Page($"{PostgresEntries.Ids} AND s.sensor_id > $1", "s.sensor_id", query.Limit);
                ids.Parameters.Add(NpgsqlDbType.Integer, query.After?.Id ?? -1);
                await PostgresEntries.AddAsync(page, WithTags(ids), cancellationToken);
                after = "";
            }

            if (page.Count < query.Limit)
            {
                await using var names = Page($"{PostgresEntries.Names} AND n.name > $1", "n.name", query.Limit - page.Count);
                names.Parameters.Add(NpgsqlDbType.Text, after);
                await PostgresEntries.AddAsync(page, WithTags(names), cancellationToken);
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
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            return await PostgresEntries.FindAsync(connection, [.. sensorIds], cancellationToken);
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
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var batch = PostgresEntries.CreateWrite(connection, [.. sensors]); // one transaction
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public async Task ChangeAsync(
        IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
        CancellationToken cancellationToken)
    {
        var request = new EntryUpdate(change);
        await PostgresErrors.GuardAsync(store, () => ChangeAsync([.. sensorIds], request, cancellationToken), cancellationToken);
        request.ThrowRefusal();
    }

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

    /// <returns>Whether entries were written.</returns>
    private async Task<bool> ChangeAsync(int[] sensorIds, EntryUpdate change, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await PostgresEntries.LockAsync(connection, sensorIds, cancellationToken);

        // A statement sees what was committed before it began: the lock and the reading need one each.
        if (change.TryApply(await PostgresEntries.FindAsync(connection, sensorIds, cancellationToken)) is not { } changed)
        {
            return false;
        }

        await using var batch = PostgresEntries.CreateWrite(connection, [.. changed]);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
