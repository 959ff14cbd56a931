using GrainSensors.Mqtt.Configuration;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Mqtt.Tests.Fixtures;

/// <summary>A Kafka, a table of slots, and the options of a broker.</summary>
public abstract class BridgeTest : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private TestKafka? _kafka;
    private SqliteWindowStore? _store;

    internal TestKafka Kafka => _kafka!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kafka = await TestKafka.StartAsync(4);
        _store = new SqliteWindowStore(_directory.File("windows.db"));
        await _store.PrepareAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        await Kafka.DisposeAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    internal MqttBrokerOptions Broker(Mosquitto mosquitto, string filter = "sensors/+/telemetry") => new()
    {
        Host = "127.0.0.1",
        Port = mosquitto.Port,
        Topics = [new() { Filter = filter }],
        KafkaTopic = Kafka.Options.Topic,
        Sessions = 4,
    };

    internal Task<BridgingSilo> StartAsync(MqttBrokerOptions broker) => BridgingSilo.StartAsync(broker, _store!.MqttSlots, Kafka.Options);

    internal KafkaLog Log() => new(Kafka.Options, Kafka.Options.Topic);

    /// <summary>Waits until the topic has these payloads, each at least once.</summary>
    internal static Task UntilInKafkaAsync(KafkaLog log, IReadOnlyCollection<string> payloads, Func<string> look) => Until.Async(
        () => payloads.Except(log.Read().Select(record => record.Text)).Any() is false,
        () => $"{payloads.Except(log.Records.Select(record => record.Text)).Count()} of {payloads.Count} are missing; {look()}",
        Patience);
}
