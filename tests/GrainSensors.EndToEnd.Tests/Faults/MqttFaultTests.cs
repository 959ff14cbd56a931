using System.Globalization;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Readings that come by MQTT while silos are killed.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class MqttFaultTests
{
    private const int Sensor = 7;
    private const int Burst = 200;
    private const int Rounds = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Each_reading_that_a_device_has_sent_counts_once_though_silos_are_killed()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        var kafka = await TestKafka.StartAsync(FaultCluster.Partitions);
        await using var cluster = await FaultCluster.StartAsync(
            2,
            new Dictionary<string, string>(FaultCluster.Quick)
            {
                ["Deduplicate"] = "true",
                ["Mqtt__Brokers__0__Host"] = "127.0.0.1",
                ["Mqtt__Brokers__0__Port"] = mosquitto.Port.ToString(CultureInfo.InvariantCulture),
                ["Mqtt__Brokers__0__Topics__0__Filter"] = "sensors/+/telemetry",
                ["Mqtt__Brokers__0__KafkaTopic"] = kafka.Options.Topic,
                ["Mqtt__Brokers__0__ReceiveMaximum"] = "50",
            },
            kafka);

        // The session exists from here on.
        await Until.Async(
            () => mosquitto.Log().Contains("as grainsensors-mqtt-0", StringComparison.Ordinal), mosquitto.Log, Patience);
        var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (2 * Rounds * Burst);
        for (var round = 0; round < Rounds; round++)
        {
            var first = start + (round * Burst);
            var sending = mosquitto.PublishAllAsync(
                "sensors/kitchen/telemetry", Enumerable.Range(0, Burst).Select(n => Reading(first + n)));

            // One of the two has the session; in turn each of them is killed at some moment of the burst.
            var silo = cluster.Silos[0];
            await silo.KillAsync();
            await cluster.RemoveAsync(silo);
            await sending;
            await cluster.BeginAsync(1);
        }

        await Until.Async(
            async () => await CountAsync(cluster) >= Rounds * Burst,
            () => $"{CountAsync(cluster).GetAwaiter().GetResult()} of {Rounds * Burst}\n{cluster}\n{mosquitto.Log()}",
            Patience);
        Assert.Equal(Rounds * Burst, await CountAsync(cluster));
    }

    private static async Task<long> CountAsync(FaultCluster cluster) =>
        (await cluster.RowsAsync([Sensor])).Values.Where(row => row.Key.Measurement == "temperature").Sum(row => row.Statistics.Count);

    private static string Reading(long seconds) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"sensor_id":{{Sensor}},"timestamp":{{seconds}},"temperature":21.5}""");
}
