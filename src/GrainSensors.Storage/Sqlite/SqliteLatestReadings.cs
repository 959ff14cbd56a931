using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>
/// The latest readings of sensors: of final windows in the table <c>sensor_latest</c>, of provisional ones in their rows.
/// </summary>
internal static class SqliteLatestReadings
{
    public const string Upsert =
        """
        INSERT INTO sensor_latest AS l (sensor_id, latest_values, latest_at, latest_partition, latest_offset, latest_index)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT DO UPDATE SET latest_values = excluded.latest_values, latest_at = excluded.latest_at,
            latest_partition = excluded.latest_partition, latest_offset = excluded.latest_offset, latest_index = excluded.latest_index
        WHERE (excluded.latest_at, excluded.latest_partition, excluded.latest_offset, excluded.latest_index)
            > (l.latest_at, l.latest_partition, l.latest_offset, l.latest_index)
        """;

    private const string Select =
        $"""
        SELECT * FROM (
            SELECT sensor_id, latest_values, latest_at, latest_partition, latest_offset, latest_index FROM sensor_latest
            UNION ALL
            SELECT sensor_id, json_group_object(metric, last_value) FILTER (WHERE last_value IS NOT NULL), latest_at, latest_partition,
                latest_offset, latest_index
            FROM windows
            WHERE NOT is_final AND latest_at IS NOT NULL AND window_start >= {SqliteReadSession.OpenFrom}
            GROUP BY window_start, period, sensor_id) AS l
        WHERE NOT EXISTS (SELECT 1 FROM forgotten_sensors AS f WHERE f.sensor_id = l.sensor_id AND f.forgotten_at >= l.latest_at)
        """;

    /// <summary>Binds time, partition, offset and index.</summary>
    public static void Bind(SqliteStatement statement, int position, ReadingOrder? order)
    {
        if (order is { } latest)
        {
            statement.Bind(position, latest.Timestamp);
            statement.Bind(position + 1, (long)latest.Partition);
            statement.Bind(position + 2, latest.Offset);
            statement.Bind(position + 3, (long)latest.Index);
            return;
        }

        for (var i = 0; i < 4; i++)
        {
            statement.BindNull(position + i);
        }
    }

    /// <param name="upsert">The statement <see cref="Upsert"/>.</param>
    public static void Write(SqliteStatement upsert, StoredWindow window)
    {
        var values = window.Measurements.Where(measured => !double.IsNaN(measured.Last))
            .ToDictionary(measured => measured.Measurement, measured => measured.Last);
        upsert.Bind(1, (long)window.Id.SensorId);
        upsert.Bind(2, JsonSerializer.Serialize(values));
        Bind(upsert, 3, window.Latest);
        upsert.Execute();
    }

    /// <inheritdoc cref="IStore.ReadLatestAsync"/>
    public static IReadOnlyList<LatestReading> Read(SqliteConnection connection, IReadOnlyList<string> measurements)
    {
        var latest = new Dictionary<int, LatestReading>();
        var names = new RepeatedNames();
        using var statement = new SqliteStatement(connection, Select);
        while (statement.Next())
        {
            var sensorId = (int)statement.Integer(0);
            var order = new ReadingOrder(
                statement.Integer(2), (int)statement.Integer(3), statement.Integer(4), (int)statement.Integer(5));
            if (!latest.TryGetValue(sensorId, out var known) || order.IsAfter(known.Order))
            {
                var values = JsonSerializer.Deserialize<Dictionary<string, double>>(statement.Text(1))!;
                latest[sensorId] = LatestReading.Of(
                    sensorId, order, measurements, [.. values.Select(value => new NamedValue(names.Once(value.Key), value.Value))]);
            }
        }

        return [.. latest.Values];
    }
}
