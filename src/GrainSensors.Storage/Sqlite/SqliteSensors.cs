using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>sensors</c> in SQLite.</summary>
internal sealed class SqliteSensors(SqliteAccess access, TimeProvider clock) : ISensorRegistry
{
    private const string Select =
        """
        SELECT CAST(sensor_id AS INTEGER), city, station, CAST(coalesce(diff_temperature, 0) AS REAL), overrides
        FROM sensors WHERE sensor_id IS NOT NULL
        """;

    private const string Registered = "EXISTS (SELECT 1 FROM sensors WHERE sensor_id = $id)";

    private const string Observed =
        "EXISTS (SELECT 1 FROM alerts WHERE sensor_id = $id) OR EXISTS (SELECT 1 FROM windows WHERE sensor_id = $id)";

    /// <remarks>The clock of a sensor may be ahead: its readings up to now are in windows that have not begun.</remarks>
    private static readonly string[] Forget =
    [
        "UPDATE alerts SET cleared_at = max(last_raised_at, $now), updated_at = $now WHERE sensor_id = $id AND cleared_at IS NULL",
        SqliteAlertIntervals.ClearLast("$id"),
        "DELETE FROM sensors WHERE sensor_id = $id",
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

    public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<RegisteredSensor>>(
            session => Read(session.Connection, $"{Select} ORDER BY sensor_id"), cancellationToken);

    public Task<RegisteredSensor?> FindAsync(int sensorId, CancellationToken cancellationToken) =>
        access.ReadAsync(
            session => Read(session.Connection, $"{Select} AND sensor_id = $id", sensorId).SingleOrDefault(), cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            foreach (var sensor in sensors)
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    """
                    INSERT INTO sensors (sensor_id, city, station, diff_temperature, overrides, registered_at)
                    VALUES ($id, $city, $station, $diff, $overrides, $now)
                    ON CONFLICT (sensor_id) DO UPDATE
                    SET city = excluded.city, station = excluded.station, diff_temperature = excluded.diff_temperature,
                        overrides = excluded.overrides
                    """;
                command.Parameters.AddWithValue("$id", sensor.SensorId);
                command.Parameters.AddWithValue("$city", (object?)sensor.City ?? DBNull.Value);
                command.Parameters.AddWithValue("$station", (object?)sensor.Station ?? DBNull.Value);
                command.Parameters.AddWithValue("$diff", sensor.Offset);
                command.Parameters.AddWithValue("$overrides", (object?)sensor.Overrides ?? DBNull.Value);
                command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
                command.ExecuteNonQuery();
            }

            transaction.Commit();
            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        AllOrNoneAsync(sensorIds, Registered, ["DELETE FROM sensors WHERE sensor_id = $id"], cancellationToken);

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

    private static List<RegisteredSensor> Read(SqliteConnection connection, string sql, int sensorId = 0)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$id", sensorId);
        var sensors = new List<RegisteredSensor>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            sensors.Add(new(reader.GetInt32(0), Text(1), Text(2), reader.GetDouble(3), Text(4)));
        }

        return sensors;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
