using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Statistics;
using GrainSensors.Ingest.Kafka;
using Npgsql;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>
/// What the product is measured against: consume, read the JSON, a dictionary of window statistics, and one upsert of all
/// of them at the end. It checks nothing, recovers from nothing, and loses everything when it dies.
/// </summary>
internal static class BareLoop
{
    public const string Name = "bare-loop";

    private const long WindowSeconds = 900;

    /// <summary>Runs in a process of its own, with the client's settings that measured best.</summary>
    public static Command Create()
    {
        var kafka = new Option<string>("--kafka") { Required = true };
        var topic = new Option<string>("--topic") { Required = true };
        var postgres = new Option<string>("--postgres") { Required = true };
        var readings = new Option<long>("--readings") { Required = true };
        var warmUp = new Option<long>("--warm-up");
        var command = new Command(Name, "The reference of `ingest`, a process of its own.") { kafka, topic, postgres, readings, warmUp };
        command.Hidden = true;
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(kafka), parsed.GetRequiredValue(topic), parsed.GetRequiredValue(postgres), parsed.GetValue(readings), parsed.GetValue(warmUp)));
        return command;
    }

    /// <summary>When it passed its warm-up and when its upsert was committed, µs since the epoch, and the readings in the table.</summary>
    internal sealed record Result(long From, long To, long Readings);

    private static void Run(string kafka, string topic, string postgres, long readings, long warmUp)
    {
        KafkaLibrary.Load();
        var config = new ConsumerConfig
        {
            BootstrapServers = kafka,
            GroupId = $"bare-loop-{Guid.NewGuid():N}",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchQueueBackoffMs = 1,
            QueuedMinMessages = 50_000,
            FetchWaitMaxMs = 10,
            ConsumeResultFields = "none",
        };
        var windows = new Windows();
        var from = 0L;
        using (var consumer = new ConsumerBuilder<Ignore, bool>(config).SetValueDeserializer(windows).Build())
        {
            consumer.Subscribe(topic);
            for (var i = 0L; i < readings; i++)
            {
                while (consumer.Consume(TimeSpan.FromSeconds(30)) is null)
                {
                    throw new TimeoutException($"No more readings after {i:N0} of {readings:N0}.");
                }

                from = i == warmUp ? Now() : from;
            }
        }

        var inserted = windows.Upsert(postgres);
        Console.WriteLine(JsonSerializer.Serialize(new Result(from, Now(), inserted)));
    }

    private static long Now() => (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;

    private sealed class Windows : IDeserializer<bool>
    {
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

        /// <returns>The readings of all rows.</returns>
        public long Upsert(string postgres)
        {
            var rows = _windows.SelectMany(pair => new[] { (pair.Key, "temperature", pair.Value.Temperature), (pair.Key, "humidity", pair.Value.Humidity) }).ToArray();
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
            return _windows.Values.Sum(window => window.Temperature.Count);
        }
    }

    private record struct Window(RunningStatistics Temperature, RunningStatistics Humidity);
}
