using System.Text.Json;
using GrainSensors.Storage.Sensors;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Reads and writes entries of the registry in SQLite.</summary>
internal static class SqliteEntries
{
    private const string Details = "coalesce(d.tags, '{}'), d.display_name, d.latitude, d.longitude, d.time_zone";

    public const string Ids =
        $"""
        SELECT CAST(s.sensor_id AS INTEGER), NULL, s.city, s.station, CAST(coalesce(s.diff_temperature, 0) AS REAL), s.overrides, {Details}
        FROM sensors AS s LEFT JOIN sensor_details AS d ON d.sensor_id = s.sensor_id
        WHERE s.sensor_id BETWEEN 0 AND 2147483647
        """;

    public const string Names =
        $"""
        SELECT d.sensor_id, n.name, d.city, d.station, coalesce(d.diff_temperature, 0.0), d.overrides, {Details}
        FROM sensor_details AS d JOIN sensor_names AS n ON n.number = d.sensor_id
        WHERE d.sensor_id < 0
        """;

    /// <summary>
    /// An adopted row stays as it is unless one of these columns changes; no offset is NULL there, and 0 here.
    /// </summary>
    private const string WriteSensor =
        """
        INSERT INTO sensors (sensor_id, city, station, diff_temperature, overrides, registered_at)
        VALUES ($id, $city, $station, $diff, $overrides, $now)
        ON CONFLICT (sensor_id) DO UPDATE
        SET city = excluded.city, station = excluded.station, overrides = excluded.overrides,
            diff_temperature = iif(
                sensors.diff_temperature IS NULL AND CAST(excluded.diff_temperature AS REAL) = 0, NULL, excluded.diff_temperature)
        WHERE sensors.city IS NOT excluded.city OR sensors.station IS NOT excluded.station OR sensors.overrides IS NOT excluded.overrides
            OR CAST(coalesce(sensors.diff_temperature, 0) AS REAL) IS NOT CAST(excluded.diff_temperature AS REAL)
        """;

    private const string WriteDetails =
        """
        INSERT INTO sensor_details (
            sensor_id, city, station, diff_temperature, overrides, tags, display_name, latitude, longitude, time_zone, registered_at)
        VALUES ($id, iif($id < 0, $city, NULL), iif($id < 0, $station, NULL), iif($id < 0, $diff, NULL), iif($id < 0, $overrides, NULL),
            $tags, $display, $latitude, $longitude, $zone, $now)
        ON CONFLICT (sensor_id) DO UPDATE
        SET city = excluded.city, station = excluded.station, diff_temperature = excluded.diff_temperature,
            overrides = excluded.overrides, tags = excluded.tags, display_name = excluded.display_name, latitude = excluded.latitude,
            longitude = excluded.longitude, time_zone = excluded.time_zone
        """;

    public static List<RegisteredSensor> Find(SqliteConnection connection, IReadOnlyCollection<int> sensorIds) => Read(
        connection,
        $"""
        {Ids} AND s.sensor_id IN (SELECT value FROM json_each($ids))
        UNION ALL
        {Names} AND d.sensor_id IN (SELECT value FROM json_each($ids))
        """,
        [("$ids", JsonSerializer.Serialize(sensorIds))]);

    /// <param name="now">The time of the registration of new sensors, µs since the epoch.</param>
    public static void Write(SqliteConnection connection, IReadOnlyCollection<RegisteredSensor> sensors, long now)
    {
        foreach (var sensor in sensors)
        {
            foreach (var sql in sensor.SensorId >= 0 ? new[] { WriteSensor, WriteDetails } : [WriteDetails])
            {
                using var command = connection.CreateCommand();
                command.CommandText = sql;
                Add(command, [
                    ("$id", sensor.SensorId), ("$city", sensor.City), ("$station", sensor.Station), ("$diff", sensor.Offset),
                    ("$overrides", sensor.Overrides), ("$tags", JsonSerializer.Serialize(sensor.Tags)),
                    ("$display", sensor.DisplayName), ("$latitude", sensor.Latitude), ("$longitude", sensor.Longitude),
                    ("$zone", sensor.TimeZone), ("$now", now)]);
                command.ExecuteNonQuery();
            }
        }
    }

    public static List<RegisteredSensor> Read(SqliteConnection connection, string sql, (string Name, object? Value)[] values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Add(command, values);
        var sensors = new List<RegisteredSensor>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            sensors.Add(RegistryRow.Read(reader));
        }

        return sensors;
    }

    private static void Add(SqliteCommand command, (string Name, object? Value)[] values) =>
        Array.ForEach(values, value => command.Parameters.AddWithValue(value.Name, value.Value ?? DBNull.Value));
}
