using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Embedded;
using GrainSensors.Mqtt.Tests.Fixtures;
using GrainSensors.Sources;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet.Protocol;

namespace GrainSensors.Mqtt.Tests.Embedded;

/// <summary>The broker of <c>run</c>.</summary>
[Trait("Category", "System")]
public sealed class EmbeddedMqttBrokerTests : IAsyncLifetime
{
    private readonly EmbeddedBroker _kafka = new([MqttBrokerOptions.DefaultKafkaTopic, "sensor-data-dlq"], 4);
    private readonly KafkaOptions _options = new();
    private KafkaDeadLetters? _deadLetters;
    private PayloadProducer? _producer;
    private EmbeddedMqttBroker? _broker;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _options.BootstrapServers = _kafka.BootstrapServers;
        var clients = new KafkaClients(_options, NullLogger<KafkaClients>.Instance);
        _deadLetters = new(clients);
        _producer = new(clients, _deadLetters, TimeProvider.System);
        _broker = await EmbeddedMqttBroker.StartAsync(_producer, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _broker!.DisposeAsync();
        _producer!.Dispose();
        _deadLetters!.Dispose();
        _kafka.Dispose();
    }

    [Fact]
    public async Task A_device_gets_its_acknowledgement_after_Kafka_has_the_payload()
    {
        using var device = new Device(_broker!.Port);
        await device.PublishAsync("sensors/kitchen/telemetry", """{"temperature":21.5}""", Stop);
        using var log = new KafkaLog(_options, MqttBrokerOptions.DefaultKafkaTopic);
        var record = Assert.Single(log.Read());
        Assert.Equal(
            ("sensors/kitchen/telemetry", "sensors/kitchen/telemetry", """{"temperature":21.5}"""),
            (record.Key, record.Topic, record.Text));
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task The_line_that_run_prints_works(string protocol)
    {
        await Mosquitto.PublishAsync(_broker!.Port, "sensors/kitchen/telemetry", """{"temperature":21.5}""", "-V", protocol);
        using var log = new KafkaLog(_options, MqttBrokerOptions.DefaultKafkaTopic);
        Assert.Single(log.Read());
    }

    [Fact]
    public async Task While_Kafka_is_away_a_device_waits()
    {
        _kafka.SetDown(true);
        using var device = new Device(_broker!.Port);
        var published = device.PublishAsync("sensors/kitchen/telemetry", "1", Stop);
        await Assert.ThrowsAsync<TimeoutException>(() => published.WaitAsync(TimeSpan.FromMilliseconds(500), Stop));
        _kafka.SetDown(false);
        await published.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    [Fact]
    public async Task More_than_Kafka_keeps_waits_for_the_silos_to_read_it()
    {
        const int Count = 12;
        var random = new byte[600_000];
        new Random(1).NextBytes(random); // of which no compression makes less
        var payload = Convert.ToBase64String(random);
        using var device = new Device(_broker!.Port, MqttQualityOfServiceLevel.AtMostOnce);
        var published = PublishAllAsync();
        await Until.Async(
            () => _producer!.IsHolding(MqttBrokerOptions.DefaultKafkaTopic), () => "it does not hold", TimeSpan.FromSeconds(30));

        using var log = new KafkaLog(_options, MqttBrokerOptions.DefaultKafkaTopic);
        await Until.Async(
            () =>
            {
                log.Read();
                Commit(log.Records.Count, log.Records[^1].Partition);
                return log.Records.Count == Count;
            },
            () => $"{log.Records.Count} came",
            TimeSpan.FromSeconds(30));

        await published;
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i:00}"), log.Records.Select(record => record.Text[..2]));

        async Task PublishAllAsync()
        {
            for (var i = 0; i < Count; i++)
            {
                await device.PublishAsync("sensors/kitchen/image", $"{i:00}{payload}", Stop);
            }
        }
    }

    [Fact]
    public void The_default_source_is_valid() =>
        Assert.Empty(new SourceRules("Sources", ["sensor-data"]).Check([MqttSource.Default]));

    private void Commit(int read, int partition)
    {
        using var consumer = new KafkaClients(_options, NullLogger<KafkaClients>.Instance).OffsetReader();
        consumer.Commit([new(MqttBrokerOptions.DefaultKafkaTopic, partition, read)]);
    }
}
