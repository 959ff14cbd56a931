using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Tests.Fixtures;

namespace GrainSensors.Mqtt.Tests.Bridge;

/// <summary>Several silos at one broker.</summary>
[Trait("Category", "System")]
public sealed class SharingTests : BridgeTest
{
    [Fact]
    public async Task Two_silos_share_the_sessions_and_the_messages()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var one = await StartAsync(Broker(mosquitto));
        await one.UntilConnectedAsync(4);
        await using var two = await StartAsync(Broker(mosquitto));
        await Until.Async(() => (one.Status.Connected, two.Status.Connected) == (2, 2), () => $"{one}\n{two}", Patience);
        using var device = new Device(mosquitto.Port);
        var payloads = Enumerable.Range(0, 200).Select(n => $"{n}").ToList();
        foreach (var payload in payloads)
        {
            await device.PublishAsync($"sensors/{payload}/telemetry", payload, Stop);
        }

        using var log = Log();
        await UntilInKafkaAsync(log, payloads, () => $"{one}\n{two}");
        Assert.Equal(200, log.Records.Count);
        Assert.InRange(one.Status.Received, 1, 199);
        Assert.Equal(200, one.Status.Received + two.Status.Received);
    }

    [Fact]
    public async Task With_MQTT_3_1_1_one_silo_takes_everything_and_another_follows_it()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        var options = Broker(mosquitto) with { Protocol = MqttProtocol.V311, Sessions = 1 };
        var one = await StartAsync(options);
        await one.UntilConnectedAsync();
        await using var two = await StartAsync(options);
        await mosquitto.PublishAsync("sensors/a/telemetry", "first");
        using var log = Log();
        await UntilInKafkaAsync(log, ["first"], one.ToString);
        await one.DisposeAsync();
        await mosquitto.PublishAsync("sensors/a/telemetry", "second");
        await UntilInKafkaAsync(log, ["first", "second"], two.ToString);
        Assert.Equal(2, log.Records.Count);
        Assert.Equal(1, two.Status.Received);
    }

    [Fact]
    public async Task The_heir_of_a_silo_that_lost_its_lease_takes_its_sessions_over_and_the_silo_keeps_away()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var lost = await StartAsync(Broker(mosquitto) with { Sessions = 2 });
        await lost.UntilConnectedAsync(2);
        lost.Cut();
        await using var heir = await StartAsync(Broker(mosquitto) with { Sessions = 2 });
        await Until.Async(() => (lost.Status.Connected, heir.Status.Connected) == (0, 2), () => $"{lost}\n{heir}", Patience);
        await mosquitto.PublishAsync("sensors/a/telemetry", "to the heir");
        using var log = Log();
        await UntilInKafkaAsync(log, ["to the heir"], heir.ToString);
        Assert.True(
            lost.Log.Lines.Any(line => line.Contains("closed the connection of \"grainsensors-mqtt-0\"", StringComparison.Ordinal)),
            lost.ToString());
        Assert.Equal((0, 1), (lost.Status.Received, heir.Status.Received));
    }

    [Fact]
    public async Task While_the_database_is_away_a_silo_keeps_its_connections()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var silo = await StartAsync(Broker(mosquitto));
        await silo.UntilConnectedAsync(4);
        silo.Cut();
        await Until.Async(
            () => silo.Log.Lines.Any(line => line.Contains("keeps its connections", StringComparison.Ordinal)), silo.ToString, Patience);
        await mosquitto.PublishAsync("sensors/a/telemetry", "without a database");
        using var log = Log();
        await UntilInKafkaAsync(log, ["without a database"], silo.ToString);
    }

    [Fact]
    public async Task Sessions_beyond_a_smaller_number_are_drained_and_end()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using (var before = await StartAsync(Broker(mosquitto)))
        {
            await before.UntilConnectedAsync(4);
        }

        // The broker shares them among the sessions, of which none has a connection.
        var payloads = Enumerable.Range(0, 20).Select(n => $"{n}").ToList();
        using var device = new Device(mosquitto.Port);
        foreach (var payload in payloads)
        {
            await device.PublishAsync("sensors/a/telemetry", payload, Stop);
        }

        await using var silo = await StartAsync(Broker(mosquitto) with { Sessions = 2 });
        using var log = Log();
        await UntilInKafkaAsync(log, payloads, () => $"{silo}\n{mosquitto.Log()}");
        await Until.Async(() => silo.Status.Sessions == 2, silo.ToString, Patience);
        Assert.Equal(20, log.Records.Count);
        Assert.Contains(
            silo.Log.Lines,
            line => line.StartsWith("The session \"grainsensors-mqtt-3\"", StringComparison.Ordinal)
                && line.EndsWith("has ended", StringComparison.Ordinal));
    }
}
