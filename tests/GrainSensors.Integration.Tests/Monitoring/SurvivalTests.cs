using GrainSensors.Integration.Tests.Faults;
using GrainSensors.Integration.Tests.Fixtures;

namespace GrainSensors.Integration.Tests.Monitoring;

/// <summary>Alerts outlive the silos that raised them.</summary>
public sealed class SurvivalTests
{
    private const int Sensors = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task After_all_silos_were_killed_the_same_alerts_are_open_and_clear_when_the_sensors_are_back()
    {
        var settings = new Dictionary<string, string>(FaultCluster.Quick) { ["Monitor__Timeout"] = "00:00:03" };
        await using var cluster = await FaultCluster.StartAsync(2, settings);
        await ProduceAsync(cluster, "5s");
        await Until.Async(async () => await OpenAsync(cluster) == Sensors, () => $"not {Sensors} open\n{cluster}", Patience);
        var before = await AlertsAsync(cluster);
        Assert.Equal(Sensors, before.Select(alert => alert.Split(' ')[0]).Distinct().Count());

        await cluster.KillAllAsync();
        await cluster.BeginAsync(2);
        Assert.Equal(before, await AlertsAsync(cluster));

        var back = ProduceAsync(cluster, "30s");
        await Until.Async(async () => await OpenAsync(cluster) == 0, () => $"still open\n{cluster}", Patience);
        Assert.Equal(
            before.Select(alert => alert.Split(' ')[1]), (await AlertsAsync(cluster)).Select(alert => alert.Split(' ')[1]));
        await back;
    }

    private static async Task ProduceAsync(FaultCluster cluster, string length)
    {
        var result = await Executable.RunAsync(
            "produce", "--kafka", cluster.Kafka.BootstrapServers, "--topic", cluster.Kafka.Options.Topic, "--sensors", $"{Sensors}", "--errors", "0%", "--for", length);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    private static async Task<long> OpenAsync(FaultCluster cluster) =>
        (long)(await cluster.DataSource.SelectAsync("SELECT count(*) FROM alerts WHERE cleared_at IS NULL"))[0][0]!;

    /// <returns>Sensor, id, and how often and when it was raised.</returns>
    private static async Task<List<string>> AlertsAsync(FaultCluster cluster) =>
    [
        .. (await cluster.DataSource.SelectAsync("SELECT sensor_id, alert_id::text, occurrences, raised_at::text FROM alerts ORDER BY sensor_id, alert_id"))
            .Select(row => string.Join(' ', row)),
    ];
}
