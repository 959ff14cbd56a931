using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Sessions;
using GrainSensors.Mqtt.Status;
using GrainSensors.Storage.Mqtt;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Mqtt.Tests.Fixtures;

/// <summary>The bridge of a silo, with its own connection to the table of slots.</summary>
internal sealed class BridgingSilo : IAsyncDisposable
{
    private readonly CuttableSlots _slots;
    private readonly KafkaDeadLetters _deadLetters;
    private readonly PayloadProducer _producer;
    private readonly MqttBridge _bridge;

    public static readonly BridgeTimings Timings = new()
    {
        Lease = TimeSpan.FromSeconds(2),
        Renewal = TimeSpan.FromMilliseconds(300),
        Reconnect = TimeSpan.FromMilliseconds(100),
        Quiet = TimeSpan.FromSeconds(1),
    };

    private BridgingSilo(MqttBrokerOptions broker, IMqttSlots slots, KafkaOptions kafka)
    {
        _slots = new(slots);
        var clients = new KafkaClients(kafka, NullLogger<KafkaClients>.Instance);
        _deadLetters = new(clients);
        _producer = new(clients, _deadLetters, TimeProvider.System);
        _bridge = new(new() { Brokers = [broker] }, _slots, _producer, TimeProvider.System, Log, timings: Timings);
    }

    public RecordedLog<MqttBridge> Log { get; } = new();

    public MqttBrokerStatus Status => _bridge.Brokers[0];

    public static async Task<BridgingSilo> StartAsync(MqttBrokerOptions broker, IMqttSlots slots, KafkaOptions kafka)
    {
        var silo = new BridgingSilo(broker, slots, kafka);
        await silo._bridge.StartAsync(CancellationToken.None);
        return silo;
    }

    public Task UntilConnectedAsync(int connections = 1) =>
        Until.Async(() => Status.Connected >= connections, ToString, TimeSpan.FromSeconds(20));

    /// <summary>The silo no longer reaches the database: its lease ends, and its connections stay.</summary>
    public void Cut() => _slots.IsCut = true;

    public async ValueTask DisposeAsync()
    {
        await _bridge.StopAsync(CancellationToken.None);
        _bridge.Dispose();
        _producer.Dispose();
        _deadLetters.Dispose();
    }

    public override string ToString() => $"{Status}\n{string.Join('\n', Log.Lines)}";
}
