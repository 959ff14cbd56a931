using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.Monitoring;

/// <summary>Alerts on an MQTT broker.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class MqttAlertTests
{
    private const string Topic = "sensors/hall%2Fkitchen %231/alert";
    private const string Other = "sensors/7/alert";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_state_of_a_sensor_is_retained_by_the_broker_whatever_happens_to_it_and_to_the_silo()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var cluster = await FaultCluster.StartAsync(1, new Dictionary<string, string>(FaultCluster.Quick)
        {
            ["Mqtt__Brokers__0__Host"] = "127.0.0.1",
            ["Mqtt__Brokers__0__Port"] = mosquitto.Port.ToString(CultureInfo.InvariantCulture),
            ["Mqtt__Brokers__0__Topics__0__Filter"] = "sensors/+/telemetry",
            ["Mqtt__Brokers__0__Alerts__Topic"] = "sensors/{sensor_id}/alert",
            ["Mqtt__Brokers__0__Alerts__HomeAssistant"] = "true",
        });

        await ProduceAsync(cluster, "\"hall/kitchen #1\"", "null");
        var raised = await StateAsync("alert", Topic);
        Assert.Equal("hall/kitchen #1", raised.GetProperty("sensor_id").GetString());
        var alert = Assert.Single(raised.GetProperty("alerts").EnumerateArray());
        Assert.Equal(("disconnected", "ERROR"), (alert.GetProperty("kind").GetString(), alert.GetProperty("level").GetString()));

        var entity = JsonDocument.Parse(await mosquitto.RetainedAsync("homeassistant/binary_sensor/+/alert/config")).RootElement;
        Assert.Equal(Topic, entity.GetProperty("state_topic").GetString());
        Assert.Matches("^grainsensors_name_[0-9a-f]{32}_alert$", entity.GetProperty("unique_id").GetString());

        // An alert that is raised while the broker is away reaches it later.
        await mosquitto.StopAsync();
        await ProduceAsync(cluster, "7", "null");
        await Until.Async(
            () => cluster.Silos[0].Process.Errors.Any(line => line.Contains("3221", StringComparison.Ordinal)), cluster.ToString, Patience);
        await mosquitto.StartAsync();
        Assert.Equal(7, (await StateAsync("alert", Other)).GetProperty("sensor_id").GetInt32());

        // Those that clear while no silo lives are known to the next one.
        await cluster.KillAllAsync();
        await ProduceAsync(cluster, "\"hall/kitchen #1\"", "20");
        await cluster.BeginAsync(1);
        Assert.Empty((await StateAsync("ok", Topic)).GetProperty("alerts").EnumerateArray());
        await StateAsync("alert", Other);

        async Task<JsonElement> StateAsync(string state, string topic)
        {
            var last = "";
            await Until.Async(
                async () => (last = await mosquitto.RetainedAsync(topic)).Contains($"\"state\":\"{state}\"", StringComparison.Ordinal),
                () => $"{last}\n{cluster}\n{mosquitto.Log()}",
                Patience);
            return JsonDocument.Parse(last).RootElement;
        }
    }

    private static async Task ProduceAsync(FaultCluster cluster, string sensor, string temperature)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = cluster.Kafka.BootstrapServers }).Build();
        await producer.ProduceAsync(cluster.Kafka.Options.Topic, new()
        {
            Key = sensor.Trim('"'),
            Value = string.Create(
                CultureInfo.InvariantCulture, $$"""{"sensor_id":{{sensor}},"timestamp":{{now:F3}},"temperature":{{temperature}}}"""),
        });
    }
}
