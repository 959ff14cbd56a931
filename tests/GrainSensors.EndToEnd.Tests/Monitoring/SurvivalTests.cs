using Confluent.Kafka;
using GrainSensors.EndToEnd.Tests.Faults;
using GrainSensors.Storage.Postgres;

namespace GrainSensors.EndToEnd.Tests.Monitoring;

/// <summary>Alerts outlive the silos that raised them.</summary>
[Trait("Category", "System")]
public sealed class SurvivalTests
{
    private const int Sensors = 50;
    private const int FirstHot = 1000;
    private const int HotSensors = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>The same limit and dwell as those of the configuration.</summary>
    private const string Hot =
        """{"id":"hot","kind":"threshold","selector":{"measurement":"temperature"},"above":60,"dwell":"20s","labels":{"team":"ovens"}}""";

    [Fact]
    public async Task After_all_silos_were_killed_the_same_alerts_are_open_and_dwell_times_go_on()
    {
        var settings = new Dictionary<string, string>(FaultCluster.Quick)
        {
            ["Monitor__Timeout"] = "00:00:03",
            ["Monitor__Rules__temperature__High"] = "60",
            ["Monitor__Rules__temperature__DwellTime"] = "00:00:20",
        };
        await using var cluster = await FaultCluster.StartAsync(2, settings);
        await SetRuleAsync(cluster, Hot);
        await ProduceAsync(cluster, "5s");
        await Until.Async(async () => await OpenAsync(cluster) == Sensors, () => $"not {Sensors} open\n{cluster}", Patience);
        var before = await AlertsAsync(cluster);
        Assert.Equal(Sensors, before.Select(alert => alert.Split(' ')[0]).Distinct().Count());

        // Ten seconds of the twenty have passed, and are durable, when everything dies.
        var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60;
        var end = await HeatAsync(cluster, start, 11);
        await Until.Async(async () => await DurableAsync(cluster, end), () => $"the first half is not durable\n{cluster}", Patience);
        Assert.Equal(0, await HotAsync(cluster));
        await cluster.KillAllAsync();
        await HeatAsync(cluster, start + 11, 20);
        await cluster.BeginAsync(2);
        Assert.Equal(before, await AlertsAsync(cluster));

        await Until.Async(async () => await HotAsync(cluster) == 2 * HotSensors, () => $"not {HotSensors} hot\n{cluster}", Patience);
        Assert.Equal(
            [$"extreme  {start + 20} {HotSensors}", $"hot {{\"team\":\"ovens\"}} {start + 20} {HotSensors}"],
            (await cluster.DataSource.SelectAsync(
                "SELECT rule, labels, extract(epoch FROM raised_at)::bigint, count(*) FROM alerts "
                + $"WHERE sensor_id >= {FirstHot} AND kind <> 'disconnected' GROUP BY 1, 2, 3 ORDER BY 1"))
                .Select(row => string.Join(' ', row)));
        await SetRuleAsync(cluster, null);
        await Until.Async(
            async () => await HotAsync(cluster, "rule = 'hot' AND cleared_at IS NOT NULL") == HotSensors,
            () => $"alerts of a rule that was removed are open\n{cluster}",
            Patience);
        Assert.Equal(HotSensors, await HotAsync(cluster, "rule = 'extreme' AND cleared_at IS NULL"));

        await using var back = Produce(cluster, "120s");
        await Until.Async(async () => await OpenAsync(cluster) == 0, () => $"still open\n{cluster}", Patience);
        Assert.Equal(
            before.Select(alert => alert.Split(' ')[1]), (await AlertsAsync(cluster)).Select(alert => alert.Split(' ')[1]));
        await back.SignalAsync("INT");
        AssertProduced(await back.ExitAsync());
    }

    /// <summary>Sensors of their own read too much, once a second.</summary>
    /// <returns>By partition the offset after the last of them.</returns>
    private static async Task<Dictionary<int, long>> HeatAsync(FaultCluster cluster, long from, int seconds)
    {
        var config = new ProducerConfig { BootstrapServers = cluster.Kafka.BootstrapServers };
        using var producer = new ProducerBuilder<string, string>(config).Build();
        var ends = new Dictionary<int, long>();
        for (var second = from; second < from + seconds; second++)
        {
            for (var sensor = FirstHot; sensor < FirstHot + HotSensors; sensor++)
            {
                var report = await producer.ProduceAsync(
                    cluster.Kafka.Options.Topic,
                    new()
                    {
                        Key = $"{sensor}",
                        Value = $$"""{"sensor_id":{{sensor}},"timestamp":{{second}},"temperature":70}""",
                    });
                ends[report.Partition] = report.Offset + 1;
            }
        }

        return ends;
    }

    private static async Task<bool> DurableAsync(FaultCluster cluster, Dictionary<int, long> ends)
    {
        var checkpoints = (await cluster.DataSource.SelectAsync("SELECT partition, next_offset FROM checkpoints"))
            .ToDictionary(row => (int)row[0]!, row => (long)row[1]!);
        return ends.All(end => checkpoints.GetValueOrDefault(end.Key) >= end.Value);
    }

    private static async Task<long> HotAsync(FaultCluster cluster, string condition = "true") =>
        (long)(await cluster.DataSource.SelectAsync(
            $"SELECT count(*) FROM alerts WHERE kind <> 'disconnected' AND sensor_id >= {FirstHot} AND {condition}"))[0][0]!;

    /// <param name="document">Null: removes the rule.</param>
    private static async Task SetRuleAsync(FaultCluster cluster, string? document)
    {
        var rules = new PostgresRules(cluster.DataSource, "the store of the test");
        _ = document is null
            ? await rules.RemoveAsync("hot", null, CancellationToken.None)
            : await rules.WriteAsync(new("hot", document, 0, 0, "test"), null, CancellationToken.None);
    }

    private static async Task ProduceAsync(FaultCluster cluster, string length)
    {
        await using var produce = Produce(cluster, length);
        AssertProduced(await produce.ExitAsync());
    }

    private static Executable Produce(FaultCluster cluster, string length) => Executable.Start(
        null, "produce", "--kafka", cluster.Kafka.BootstrapServers, "--topic", cluster.Kafka.Options.Topic,
        "--sensors", $"{Sensors}", "--errors", "0%", "--for", length);

    private static void AssertProduced(Executable.Result result) => Assert.True(result.ExitCode == 0, result.ToString());

    private static async Task<long> OpenAsync(FaultCluster cluster) =>
        (long)(await cluster.DataSource.SelectAsync(
            $"SELECT count(*) FROM alerts WHERE cleared_at IS NULL AND sensor_id < {FirstHot}"))[0][0]!;

    /// <returns>Sensor, id, and how often and when it was raised.</returns>
    private static async Task<List<string>> AlertsAsync(FaultCluster cluster) =>
    [
        .. (await cluster.DataSource.SelectAsync(
            "SELECT sensor_id, alert_id::text, occurrences, raised_at::text FROM alerts "
            + $"WHERE sensor_id < {FirstHot} ORDER BY sensor_id, alert_id"))
            .Select(row => string.Join(' ', row)),
    ];
}
