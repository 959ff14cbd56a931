using System.CommandLine;
using System.Diagnostics;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Benchmarks.Mqtt;

/// <summary>Measures the bridge from MQTT to Kafka: messages that the broker has queued, each acknowledged after Kafka.</summary>
internal static class MqttScenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Command Create()
    {
        var messages = NumberOption.Of("--messages", "Messages in a round", 100_000, 10, 10_000_000);
        var sessions = NumberOption.Of("--sessions", "Sessions at the broker", 1, 1, 100);
        var receiveMaximum = NumberOption.Of("--receive-maximum", "Unacknowledged messages on a connection", 1000, 1, 65_535);
        var rounds = NumberOption.Of("--rounds", "How often", 3, 1, 1000);
        var json = ServerOptions.Json();
        var command = new Command("mqtt", "How fast messages of quality of service 1 reach the embedded broker, from Debian's mosquitto.")
        {
            messages, sessions, receiveMaximum, rounds, json,
        };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(messages), parsed.GetValue(sessions), parsed.GetValue(receiveMaximum), parsed.GetValue(rounds),
            parsed.GetValue(json)));
        return command;
    }

    private sealed record Round(int Number, long Messages, double Seconds, double MessagesPerSecond, double CpuSeconds);

    private static async Task RunAsync(int messages, int sessions, int receiveMaximum, int rounds, bool json)
    {
        using var progress = new Progress();
        var table = new ResultTable<Round>(
            progress,
            json,
            new("round", 6, row => TextTable.Number(row.Number)),
            new("messages", 10, row => TextTable.Number(row.Messages)),
            new("seconds", 9, row => TextTable.Number(row.Seconds, "0.00")),
            new("messages/s", 12, row => TextTable.Number(row.MessagesPerSecond)),
            new("CPU s", 8, row => TextTable.Number(row.CpuSeconds, "0.0")));
        table.Say($"{messages:N0} messages are queued at mosquitto; sessions: {sessions}, receive maximum: {receiveMaximum}");
        await using var mosquitto = await QueuingBroker.StartAsync();
        var options = new MqttBrokerOptions
        {
            Host = "127.0.0.1",
            Port = mosquitto.Port,
            Sessions = sessions,
            ReceiveMaximum = receiveMaximum,
            Topics = [new() { Filter = "sensors/+/telemetry" }],
        };
        var kafka = new KafkaOptions();
        using var broker = new EmbeddedBroker([.. kafka.AllTopics, options.KafkaTopic], 4);
        kafka.BootstrapServers = broker.BootstrapServers;
        var folder = Directory.CreateTempSubdirectory("grainsensors-mqtt-");
        await using var store = new SqliteWindowStore(Path.Combine(folder.FullName, "slots.db"));
        await store.PrepareAsync(CancellationToken.None);

        // The sessions begin, and queue what comes next.
        await using (var begin = Bridge.Start(options, store, kafka))
        {
            await Until.Async(() => begin.Status.Connected == sessions, () => $"{begin.Status}", Patience);
        }

        for (var round = 1; round <= rounds; round++)
        {
            progress.Say($"round {round}: messages are published", isNews: true);
            var sent = (await mosquitto.PublishAsync(messages)).Sum();
            var (watch, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            await using var bridge = Bridge.Start(options, store, kafka);
            await Until.Async(() => bridge.Status.Acknowledged >= sent, () => $"{bridge.Status}", Patience);
            var (elapsed, cpu) = (watch.Elapsed.TotalSeconds, Process.GetCurrentProcess().TotalProcessorTime - before);
            table.Add(new(round, sent, elapsed, sent / elapsed, cpu.TotalSeconds));
        }

        table.End(new { messages, sessions, receiveMaximum, rounds = table.Rows });
        folder.Delete(recursive: true);
    }

    /// <summary>A bridge with its producer.</summary>
    private sealed class Bridge : IAsyncDisposable
    {
        private readonly KafkaDeadLetters _deadLetters;
        private readonly PayloadProducer _producer;
        private readonly MqttBridge _bridge;

        private Bridge(MqttBrokerOptions options, SqliteWindowStore store, KafkaOptions kafka)
        {
            var clients = new KafkaClients(kafka, NullLogger<KafkaClients>.Instance);
            _deadLetters = new(clients);
            _producer = new(clients, _deadLetters, TimeProvider.System);
            _bridge = new(
                new() { Brokers = [options] }, store.MqttSlots, _producer, TimeProvider.System, NullLogger<MqttBridge>.Instance);
        }

        public GrainSensors.Mqtt.Status.MqttBrokerStatus Status => _bridge.Brokers[0];

        public static Bridge Start(MqttBrokerOptions options, SqliteWindowStore store, KafkaOptions kafka)
        {
            var bridge = new Bridge(options, store, kafka);
            _ = bridge._bridge.StartAsync(CancellationToken.None);
            return bridge;
        }

        public async ValueTask DisposeAsync()
        {
            await _bridge.StopAsync(CancellationToken.None);
            _bridge.Dispose();
            _producer.Dispose();
            _deadLetters.Dispose();
        }
    }
}
