using System.Text.Json;
using GrainSensors.Storage.Sensors;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Reads and writes entries of the registry in PostgreSQL.</summary>
internal static class PostgresEntries
{
    private const string Details = "coalesce(d.tags, '{}')::text, d.display_name, d.latitude, d.longitude, d.time_zone";

    public const string Ids =
        $"""
        SELECT s.sensor_id::int, NULL::text, s.city::text, s.station::text, coalesce(s.diff_temperature::float8, 0), s.overrides::text,
            {Details}
        FROM sensors AS s LEFT JOIN sensor_details AS d ON d.sensor_id = s.sensor_id
        WHERE s.sensor_id BETWEEN 0 AND 2147483647
        """;

    public const string Names =
        $"""
        SELECT d.sensor_id, n.name, d.city, d.station, coalesce(d.diff_temperature, 0), d.overrides::text, {Details}
        FROM sensor_details AS d JOIN sensor_names AS n ON n.number = d.sensor_id
        WHERE d.sensor_id < 0
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

    /// <summary>In the order in which entries are written: sensors before details, each by id.</summary>
    private static readonly string[] Lock =
    [
        "SELECT FROM sensors WHERE sensor_id = ANY ($1) ORDER BY sensor_id FOR UPDATE",
        "SELECT FROM sensor_details WHERE sensor_id = ANY ($1) ORDER BY sensor_id FOR UPDATE",
    ];

    /// <summary>Waits for other writers of the entries, and makes them wait for the end of the transaction.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, int[] sensorIds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in Lock)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddArray(NpgsqlDbType.Integer, sensorIds);
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<List<RegisteredSensor>> FindAsync(
        NpgsqlConnection connection, int[] sensorIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"{Ids} AND s.sensor_id = ANY ($1) UNION ALL {Names} AND d.sensor_id = ANY ($1)", connection);
        command.Parameters.AddArray(NpgsqlDbType.Integer, sensorIds);
        var found = new List<RegisteredSensor>();
        await AddAsync(found, command, cancellationToken);
        return found;
    }

    /// <summary>Adds the entries that a command reads.</summary>
    public static async Task AddAsync(List<RegisteredSensor> found, NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(RegistryRow.Read(reader));
        }
    }

    public static NpgsqlBatch CreateWrite(NpgsqlConnection connection, RegisteredSensor[] rows)
    {
        var batch = new NpgsqlBatch(connection);
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
        return batch;
    }
}
