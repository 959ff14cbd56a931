using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Tests.Fixtures;

namespace GrainSensors.Mqtt.Tests.Bridge;

/// <summary>From a broker to Kafka.</summary>
[Trait("Category", "System")]
public sealed class DeliveryTests : BridgeTest
{
    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Payloads_reach_Kafka_as_they_came_with_their_topic_and_in_order(MqttProtocol protocol)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var silo = await StartAsync(Broker(mosquitto) with { Protocol = protocol, Sessions = 1 });
        await silo.UntilConnectedAsync();
        using var device = new Device(mosquitto.Port);
        var payloads = Enumerable.Range(0, 50).Select(n => $$""" {"temperature":{{n}}, "é":1}""").ToList();
        foreach (var payload in payloads)
        {
            await device.PublishAsync("sensors/kitchen/telemetry", payload, Stop);
        }

        await device.PublishAsync("sensors/kitchen/other", "not wanted", Stop);
        using var log = Log();
        await UntilInKafkaAsync(log, payloads, silo.ToString);
        Assert.Equal(payloads, log.Records.Select(record => record.Text));
        const string Topic = "sensors/kitchen/telemetry";
        Assert.All(log.Records, record => Assert.Equal((Topic, Topic), (record.Key, record.Topic)));
        Assert.Single(log.Records.Select(record => record.Partition).Distinct());
        await Until.Async(() => silo.Status.Waiting == 0, silo.ToString, Patience);
        Assert.Equal((50, 50), (silo.Status.Received, silo.Status.Acknowledged));
    }

    [Fact]
    public async Task While_Kafka_is_away_the_broker_keeps_what_exceeds_the_receive_maximum()
    {
        TestKafka.SkipUnlessEmbedded("it is taken down");
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var silo = await StartAsync(Broker(mosquitto) with { Sessions = 1, ReceiveMaximum = 5 });
        await silo.UntilConnectedAsync();
        using var log = Log();
        Kafka.Embedded.SetDown(true);
        using var device = new Device(mosquitto.Port);
        var payloads = Enumerable.Range(0, 40).Select(n => $"{n}").ToList();
        foreach (var payload in payloads)
        {
            await device.PublishAsync("sensors/kitchen/telemetry", payload, Stop);
        }

        await Until.Async(() => silo.Status.Received >= 5, silo.ToString, Patience);
        Assert.Equal((5, 0, 5), (silo.Status.Received, silo.Status.Acknowledged, silo.Status.Waiting));
        Kafka.Embedded.SetDown(false);
        await UntilInKafkaAsync(log, payloads, silo.ToString);
        await Until.Async(() => silo.Status.Acknowledged == 40, silo.ToString, Patience);
        Assert.Equal(payloads, log.Records.Select(record => record.Text));
    }

    [Fact]
    public async Task A_payload_that_Kafka_refuses_for_its_size_is_a_dead_letter_and_does_not_come_again()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var silo = await StartAsync(Broker(mosquitto) with { Sessions = 1 });
        await silo.UntilConnectedAsync();
        using var device = new Device(mosquitto.Port);
        await device.PublishAsync("sensors/kitchen/telemetry", new string('x', 1_200_000), Stop);
        await device.PublishAsync("sensors/kitchen/telemetry", "after", Stop);
        using var log = Log();
        await UntilInKafkaAsync(log, ["after"], silo.ToString);
        Assert.Single(log.Records);
        await Until.Async(() => silo.Status.Acknowledged == 2, silo.ToString, Patience);
        Assert.Equal(1, silo.Status.Refused);
        using var letters = await DeadLetterTopic.OpenAsync(Kafka.Options);
        var letter = Assert.Single(letters.ReadLatest(10, Stop)).Message;
        Assert.Equal("too-large", letter.Reason);
        Assert.Equal(64 * 1024, letter.Bytes!.Length);
        Assert.Contains(letter.Headers, header => header is { Key: "mqtt.topic", Value: "sensors/kitchen/telemetry" });
    }

    [Fact]
    public async Task Retained_messages_are_taken_once_when_a_session_begins()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await mosquitto.PublishAsync("sensors/kitchen/telemetry", "retained", "-r");
        using var log = Log();
        await using (var first = await StartAsync(Broker(mosquitto)))
        {
            await first.UntilConnectedAsync(4);
            await mosquitto.PublishAsync("sensors/kitchen/telemetry", "live and retained", "-r");
            await UntilInKafkaAsync(log, ["retained", "live and retained"], first.ToString);
        }

        await using var second = await StartAsync(Broker(mosquitto));
        await second.UntilConnectedAsync(4);
        await mosquitto.PublishAsync("sensors/kitchen/telemetry", "last");
        await UntilInKafkaAsync(log, ["last"], second.ToString);
        Assert.Equal(["last", "live and retained", "retained"], log.Records.Select(record => record.Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Retained_messages_are_left_out_where_the_options_say_so()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await mosquitto.PublishAsync("sensors/kitchen/telemetry", "retained", "-r");
        await using var silo = await StartAsync(Broker(mosquitto) with { Protocol = MqttProtocol.V311, Sessions = 1, Retained = false });
        await silo.UntilConnectedAsync();
        await mosquitto.PublishAsync("sensors/kitchen/telemetry", "live");
        using var log = Log();
        await UntilInKafkaAsync(log, ["live"], silo.ToString);
        Assert.Single(log.Records);
    }

    [Fact]
    public async Task A_subscription_that_the_configuration_no_longer_has_is_ended()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using (var before = await StartAsync(Broker(mosquitto, "old/#")))
        {
            await before.UntilConnectedAsync(4);
        }

        await using var silo = await StartAsync(Broker(mosquitto, "new/#"));
        await silo.UntilConnectedAsync(4);
        await mosquitto.PublishAsync("old/a", "old");
        await mosquitto.PublishAsync("new/a", "new");
        using var log = Log();
        await UntilInKafkaAsync(log, ["new"], silo.ToString);
        Assert.Single(log.Records);
    }
}
