using System.Runtime.InteropServices;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Statistics;
using Npgsql;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>The windows of the bare loop, which reads each message where the client has it.</summary>
internal sealed class BareWindows : IDeserializer<bool>
{
    private const long WindowSeconds = 900;

    private readonly Dictionary<(int Sensor, long Start), Window> _windows = [];

    public bool Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        var (sensor, timestamp, temperature, humidity) = (0, 0L, 0.0, 0.0);
        var reader = new Utf8JsonReader(data);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("sensor_id"u8))
            {
                sensor = reader.GetInt32();
            }
            else if (name.SequenceEqual("timestamp"u8))
            {
                timestamp = reader.GetInt64();
            }
            else if (name.SequenceEqual("temperature"u8))
            {
                temperature = reader.GetDouble();
            }
            else if (name.SequenceEqual("humidity"u8))
            {
                humidity = reader.GetDouble();
            }
        }

        ref var window = ref CollectionsMarshal.GetValueRefOrAddDefault(_windows, (sensor, timestamp - (timestamp % WindowSeconds)), out _);
        window.Temperature = window.Temperature.Add(temperature);
        window.Humidity = window.Humidity.Add(humidity);
        return true;
    }

    public void Upsert(string postgres)
    {
        var rows = _windows.SelectMany(pair => new[]
        {
            (pair.Key, "temperature", pair.Value.Temperature), (pair.Key, "humidity", pair.Value.Humidity),
        }).ToArray();
        using var dataSource = NpgsqlDataSource.Create(postgres);
        using var create = dataSource.CreateCommand(
            """
            CREATE TABLE IF NOT EXISTS bare_windows (sensor_id int, metric text, window_start timestamptz,
                sample_count bigint, mean float8, m2 float8, min float8, max float8, PRIMARY KEY (sensor_id, metric, window_start))
            """);
        create.ExecuteNonQuery();
        using var upsert = dataSource.CreateCommand(
            """
            INSERT INTO bare_windows SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (sensor_id, metric, window_start) DO UPDATE
            SET sample_count = excluded.sample_count, mean = excluded.mean, m2 = excluded.m2, min = excluded.min, max = excluded.max
            """);
        upsert.CommandTimeout = 0;
        upsert.Parameters.AddRange(
            (NpgsqlParameter[])[
                new() { Value = Array.ConvertAll(rows, row => row.Key.Sensor) },
                new() { Value = Array.ConvertAll(rows, row => row.Item2) },
                new() { Value = Array.ConvertAll(rows, row => DateTime.UnixEpoch.AddSeconds(row.Key.Start)) },
                new() { Value = Array.ConvertAll(rows, row => row.Item3.Count) },
                new() { Value = Array.ConvertAll(rows, row => row.Item3.Mean) },
                new() { Value = Array.ConvertAll(rows, row => row.Item3.M2) },
                new() { Value = Array.ConvertAll(rows, row => row.Item3.Min) },
                new() { Value = Array.ConvertAll(rows, row => row.Item3.Max) },
            ]);
        upsert.ExecuteNonQuery();
    }

    private record struct Window(RunningStatistics Temperature, RunningStatistics Humidity);
}
