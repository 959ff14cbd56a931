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

    public Task<bool> RemoveAsync(int sensorId, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand("DELETE FROM sensors WHERE sensor_id = $1");
            command.Parameters.Add(NpgsqlDbType.Integer, sensorId);
            return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
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
