using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Tests.Shared.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>Sensors of every door at once, what the doors need, and the oracle of what they have sent.</summary>
internal sealed class DoorFleet : IAsyncDisposable
{
    private const string Avro = "avro";
    private const string Gateways = "gateways";
    private const string Hooks = "hooks";
    private const string Influx = "telegraf";

    private static readonly Period Period = Period.FromSeconds(60);
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly string _run;
    private readonly ServiceProvider _services;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly RegistryDouble _registry;
    private readonly Mosquitto _mosquitto;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly List<DoorTraffic> _doors;
    private readonly int _seed;
    private volatile IReadOnlyList<string> _pages = [];
    private IReadOnlyList<Task> _traffic = [];

    private DoorFleet(TestKafka kafka, string run, Mosquitto mosquitto, RegistryDouble registry, int seed)
    {
        (Kafka, _run, _mosquitto, _registry, _seed) = (kafka, run, mosquitto, registry, seed);
        _services = PipelineHost.BuildProducer(kafka.Options, Linger);
        _producer = new KafkaClients(kafka.Options, NullLogger<KafkaClients>.Instance).Producer(Linger);
        Door[] doors =
        [
            new ContractDoor(kafka.Options.Topic, _services.GetRequiredService<ReadingProducer>()),
            new AvroDoor(TopicOf(Avro), registry.Add("avro-value", AvroDoor.Schema), _producer),
            new MqttDoor(TopicOf(Gateways), mosquitto),
            new ReadingsDoor(kafka.Options.Topic, () => _pages),
            new WebhookDoor(TopicOf(Hooks), Hooks, () => _pages),
            new InfluxDoor(TopicOf(Influx), Influx, () => _pages),
        ];
        _doors = [.. doors.Select((door, number) => new DoorTraffic(door, number, seed))];
    }

    public TestKafka Kafka { get; }

    /// <summary>What silos need to know.</summary>
    public IReadOnlyDictionary<string, string> Settings => new[]
        {
            Source(0, Avro, [.. GatewayMessage.Mapping, new("Format", "avro"), new("SchemaRegistry__Url", _registry.Url)]),
            Source(1, Gateways, [.. GatewayMessage.Mapping]),
            Source(2, Hooks, [.. GatewayMessage.Mapping]),
            Source(3, Influx, [new("Preset", "influx")]),
        }.SelectMany(settings => settings).Append(new("Period", $"{Period}"))
        .Append(new("Mqtt__Brokers__0__Host", "127.0.0.1"))
        .Append(new("Mqtt__Brokers__0__Port", _mosquitto.Port.ToString(CultureInfo.InvariantCulture)))
        .Append(new("Mqtt__Brokers__0__Topics__0__Filter", MqttDoor.Filter))
        .Append(new("Mqtt__Brokers__0__KafkaTopic", TopicOf(Gateways)))
        .Append(new("Mqtt__Brokers__0__ReceiveMaximum", "50"))
        .ToDictionary();

    /// <summary>Where messages of all doors are in Kafka.</summary>
    public IReadOnlyList<string> Topics => [.. _doors.Select(traffic => traffic.Door.Topic).Distinct()];

    /// <summary>Every door has acknowledged readings.</summary>
    public bool IsFlowing => _doors.TrueForAll(traffic => traffic.Acknowledged > 0);

    /// <summary>Clients know the addresses of so many silos.</summary>
    public bool Knows(int silos) => _pages.Count == silos;

    /// <summary>Requests that were repeated.</summary>
    public int Repeated => _doors.Select(traffic => traffic.Door).OfType<HttpDoor>().Sum(door => door.Repeated);

    private IEnumerable<(string Topic, byte[] Message, SentReading[] Readings, string Measurement)> Sent => _doors.SelectMany(
        traffic => traffic.Sent.Select(sent => (traffic.Door.Topic, sent.Message, sent.Readings, traffic.Door.Measurement)));

    /// <summary>Skips the test where mosquitto is not installed.</summary>
    public static async Task<DoorFleet> StartAsync(int seed)
    {
        var mosquitto = await Mosquitto.StartAsync();
        var run = $"{Guid.NewGuid():N}";
        var kafka = await TestKafka.StartAsync(
            FaultCluster.Partitions, [.. new[] { Avro, Gateways, Hooks, Influx }.Select(name => $"{run}-{name}")]);
        return new(kafka, run, mosquitto, await RegistryDouble.StartAsync(), seed);
    }

    /// <summary>Readings begin. Some hours ago, so that those of all doors are in the past however long the run is.</summary>
    public void Begin()
    {
        var from = DateTimeOffset.UtcNow.AddHours(-6).ToUnixTimeSeconds();
        _traffic = [.. _doors.Select(traffic => Task.Run(() => traffic.RunAsync(from, _stop.Token, _giveUp.Token)))];
    }

    /// <summary>Tells clients which silos there are, and fails if a door has failed.</summary>
    public Task WatchAsync(FaultCluster cluster)
    {
        _pages = [.. cluster.Silos.Select(silo => silo.Page).OfType<string>()];
        return _traffic.FirstOrDefault(task => task.IsFaulted) ?? Task.CompletedTask;
    }

    /// <summary>Ends the readings.</summary>
    /// <returns>Completes when each of them is acknowledged.</returns>
    public Task StopAsync()
    {
        _stop.Cancel();
        return Task.WhenAll(_traffic);
    }

    /// <summary>Whether Kafka has all that was sent. Devices of MQTT have the word of their broker only.</summary>
    public bool IsLogged() => !Missing(Logged()).Any();

    public override string ToString()
    {
        var acknowledged = string.Join(", ", _doors.Select(traffic => $"{traffic.Door.GetType().Name}: {traffic.Acknowledged}"));
        return _traffic.All(task => task.IsCompletedSuccessfully)
            ? $"{acknowledged}; not in the log: {string.Join(", ", Missing(Logged()).CountBy(sent => sent.Topic))}"
            : acknowledged;
    }

    /// <param name="deduplicates">Readings that are in the log twice count once.</param>
    /// <returns>The windows that there must be, and how many messages are in the log again.</returns>
    public (Readings Expected, int Readings, int LoggedAgain) Expect(bool deduplicates)
    {
        var (expected, count, log) = (new Readings(Period, _seed), 0, Logged());
        foreach (var (topic, message, readings, measurement) in Sent)
        {
            var times = deduplicates ? 1 : log[KeyOf(topic, message)];
            count += readings.Length;
            foreach (var reading in readings.SelectMany(reading => Enumerable.Repeat(reading, times)))
            {
                expected.Expect(reading.Place, measurement, reading.Seconds * EpochTime.MicrosPerSecond, reading.Value);
            }
        }

        return (expected, count, log.Values.Sum() - log.Count);
    }

    /// <returns>The rows of all doors, by the places of their sensors.</returns>
    public async Task<Dictionary<WindowKey, WindowRow>> RowsAsync(FaultCluster cluster)
    {
        var places = _doors.SelectMany(traffic => traffic.Places.Select(place => (Name: traffic.Door.NameOf(place), place))).ToList();
        var named = await cluster.RowsAsync(places.Where(sensor => sensor.Name != $"{sensor.place}").ToDictionary());
        var others = await cluster.RowsAsync([.. places.Where(sensor => sensor.Name == $"{sensor.place}").Select(sensor => sensor.place)]);
        return named.Concat(others).ToDictionary();
    }

    public async ValueTask DisposeAsync()
    {
        await _giveUp.CancelAsync();
        await Task.WhenAny(Task.WhenAll(_traffic));
        await _services.DisposeAsync();
        _producer.Dispose();
        await _registry.DisposeAsync();
        await _mosquitto.DisposeAsync();
        _stop.Dispose();
        _giveUp.Dispose();
    }

    private static string KeyOf(string topic, byte[] message) => $"{topic} {Convert.ToBase64String(message)}";

    private string TopicOf(string source) => $"{_run}-{source}";

    private IEnumerable<KeyValuePair<string, string>> Source(int number, string name, List<KeyValuePair<string, string>> settings) =>
        settings.Append(new("Name", name)).Append(new("Topics__0", TopicOf(name)))
            .Select(setting => KeyValuePair.Create($"Sources__{number}__{setting.Key}", setting.Value));

    /// <returns>How often each message is in the log.</returns>
    private Dictionary<string, int> Logged() => LogContents.Messages(Kafka.Options, Topics)
        .CountBy(message => KeyOf(message.Place.Topic, message.Value)).ToDictionary();

    private IEnumerable<(string Topic, byte[] Message)> Missing(Dictionary<string, int> log) =>
        Sent.Select(sent => (sent.Topic, sent.Message)).Where(sent => !log.ContainsKey(KeyOf(sent.Topic, sent.Message)));
}
