using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The tables <c>sensors</c> and <c>sensor_details</c> in SQLite.</summary>
internal sealed class SqliteSensors(SqliteAccess access, TimeProvider clock) : ISensorRegistry
{
    private const string Registered =
        """
        EXISTS (SELECT 1 FROM sensors WHERE sensor_id = $id)
        OR EXISTS (SELECT 1 FROM sensor_details WHERE sensor_id = $id AND sensor_id < 0)
        """;

    private const string Observed =
        "EXISTS (SELECT 1 FROM alerts WHERE sensor_id = $id) OR EXISTS (SELECT 1 FROM windows WHERE sensor_id = $id)";

    private static readonly string[] Remove =
        ["DELETE FROM sensors WHERE sensor_id = $id", "DELETE FROM sensor_details WHERE sensor_id = $id"];

    /// <remarks>The clock of a sensor may be ahead: its readings up to now are in windows that have not begun.</remarks>
    private static readonly string[] Forget =
    [
        "UPDATE alerts SET cleared_at = max(last_raised_at, $now), updated_at = $now WHERE sensor_id = $id AND cleared_at IS NULL",
        SqliteAlertIntervals.ClearLast("$id"),
        .. Remove,
        """
        INSERT INTO forgotten_sensors (sensor_id, forgotten_at) VALUES (
            $id,
            max(
                $now,
                coalesce((SELECT max(window_end) FROM windows WHERE sensor_id = $id AND window_start > $now), $now),
                coalesce((SELECT max(last_raised_at) FROM alerts WHERE sensor_id = $id), $now)))
        ON CONFLICT (sensor_id) DO UPDATE SET forgotten_at = max(forgotten_at, excluded.forgotten_at)
        """,
    ];

    /// <summary>Columns that a table of the old pipeline may lack. A script of SQLite cannot add a column conditionally.</summary>
    private static readonly (string Name, string Type)[] Columns =
        [("city", "TEXT"), ("station", "TEXT"), ("diff_temperature", "REAL"), ("overrides", "TEXT"), ("registered_at", "INTEGER")];

    /// <summary>Adds the missing columns to a table of the old pipeline.</summary>
    public static void Extend(SqliteConnection connection)
    {
        var present = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT name FROM pragma_table_info('sensors')";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                present.Add(reader.GetString(0));
            }
        }

        foreach (var (name, type) in Columns.Where(column => !present.Contains(column.Name)))
        {
            Execute(connection, $"ALTER TABLE sensors ADD COLUMN {name} {type}");
        }

        Execute(connection, "CREATE UNIQUE INDEX IF NOT EXISTS sensors_by_id ON sensors (sensor_id)");
    }

    public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(RegistryQuery query, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<RegisteredSensor>>(
        session =>
        {
            var tags = string.Concat(query.Tags.Select((tag, i) => $" AND json_extract(d.tags, '$.\"{tag.Key}\"') = $tag{i}"));
            (string, object?)[] values = [.. query.Tags.Select((tag, i) => ($"$tag{i}", (object?)tag.Value))];
            var page = new List<RegisteredSensor>();
            if (query.After is not { Name: { } after })
            {
                var id = query.After?.Id ?? -1;
                page = SqliteEntries.Read(
                    session.Connection,
                    $"{SqliteEntries.Ids} AND s.sensor_id > $after{tags} ORDER BY s.sensor_id LIMIT $limit",
                    [("$after", id), ("$limit", query.Limit), .. values]);
                after = "";
            }

            if (page.Count < query.Limit)
            {
                page.AddRange(SqliteEntries.Read(
                    session.Connection,
                    $"{SqliteEntries.Names} AND n.name > $after{tags} ORDER BY n.name LIMIT $limit",
                    [("$after", after), ("$limit", query.Limit - page.Count), .. values]));
            }

            return page;
        },
        cancellationToken);

    public Task<IReadOnlyList<RegisteredSensor>> FindAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<RegisteredSensor>>(
            session => SqliteEntries.Find(session.Connection, sensorIds), cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                SELECT (SELECT count(*) FROM sensors WHERE sensor_id BETWEEN 0 AND 2147483647)
                    + (SELECT count(*) FROM sensor_details WHERE sensor_id < 0)
                """;
            return (long)command.ExecuteScalar()!;
        },
        cancellationToken);

    public Task<IReadOnlyList<WatchedSensor>> ReadWatchedAsync(CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<WatchedSensor>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                SELECT CAST(sensor_id AS INTEGER), overrides, NULL FROM sensors WHERE sensor_id BETWEEN 0 AND 2147483647
                UNION ALL
                SELECT d.sensor_id, d.overrides, n.name
                FROM sensor_details AS d LEFT JOIN sensor_names AS n ON n.number = d.sensor_id AND d.overrides IS NOT NULL
                WHERE d.sensor_id < 0
                ORDER BY 1
                """;
            var watched = new List<WatchedSensor>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                watched.Add(reader.IsDBNull(1)
                    ? new(reader.GetInt32(0))
                    : new(reader.GetInt32(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
            }

            return watched;
        },
        cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            SqliteEntries.Write(session.Connection, sensors, EpochTime.Now(clock));
            transaction.Commit();
            return true;
        },
        cancellationToken);

    public async Task ChangeAsync(
        IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
        CancellationToken cancellationToken)
    {
        var request = new EntryUpdate(change);
        await access.WriteAsync(
            session =>
            {
                // Other processes cannot write from here on.
                using var transaction = session.Connection.BeginTransaction(deferred: false);
                if (request.TryApply(SqliteEntries.Find(session.Connection, sensorIds)) is not { } changed)
                {
                    return false;
                }

                SqliteEntries.Write(session.Connection, changed, EpochTime.Now(clock));
                transaction.Commit();
                return true;
            },
            cancellationToken);
        request.ThrowRefusal();
    }

    public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        AllOrNoneAsync(sensorIds, Registered, Remove, cancellationToken);

    public Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        AllOrNoneAsync(sensorIds, $"{Registered} OR {Observed}", Forget, cancellationToken);

    public Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<ForgottenSensor>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT sensor_id, forgotten_at FROM forgotten_sensors WHERE forgotten_at >= $since";
            command.Parameters.AddWithValue("$since", since);
            var forgotten = new List<ForgottenSensor>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                forgotten.Add(new(reader.GetInt32(0), reader.GetInt64(1)));
            }

            return forgotten;
        },
        cancellationToken);

    /// <param name="condition">Whether the sensor <c>$id</c> is known.</param>
    /// <param name="changes">The statements to run for each sensor if all are known.</param>
    /// <returns>The unknown sensors.</returns>
    private Task<IReadOnlyList<int>> AllOrNoneAsync(
        IReadOnlyCollection<int> sensorIds, string condition, string[] changes, CancellationToken cancellationToken) =>
        access.WriteAsync<IReadOnlyList<int>>(
        session =>
        {
            var ids = sensorIds.Distinct().ToList();
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            var unknown = ids.FindAll(id => !Run(session.Connection, id, command => command.ExecuteScalar() is 1L, $"SELECT {condition}"));
            if (unknown.Count > 0)
            {
                return unknown;
            }

            foreach (var id in ids)
            {
                foreach (var sql in changes)
                {
                    Run(session.Connection, id, command => command.ExecuteNonQuery(), sql);
                }
            }

            transaction.Commit();
            return [];
        },
        cancellationToken);

    private T Run<T>(SqliteConnection connection, int sensorId, Func<SqliteCommand, T> run, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$id", sensorId);
        command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
        return run(command);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
