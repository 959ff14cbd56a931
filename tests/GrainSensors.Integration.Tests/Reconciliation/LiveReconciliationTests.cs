using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Integration.Tests.Faults;

namespace GrainSensors.Integration.Tests.Reconciliation;

/// <summary>While silos work, a reconciliation of what they have just closed finds nothing wrong, and corrects nothing.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class LiveReconciliationTests
{
    private const int Runs = 3;

    /// <summary>The embedded broker keeps 5 MiB a partition: at full rate some 20 s in six of them, a minute and more in these.</summary>
    private const int Partitions = 24;

    private const int Rate = 20_000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Nothing_that_was_closed_in_the_last_30_seconds_differs_while_three_silos_take_20000_readings_a_second()
    {
        var kafka = await TestKafka.StartAsync(Partitions);
        await using var cluster = await FaultCluster.StartAsync(
            3,
            new Dictionary<string, string> { ["Period"] = "PT10S", ["Grace"] = "00:00:05", ["CheckpointInterval"] = "00:00:02" },
            kafka);
        var settings = ReconcileProgram.KafkaSettings.Of(kafka);
        await using var produce = Executable.Start(
            null, "produce", "--kafka", kafka.BootstrapServers, "--topic", kafka.Options.Topic, "--sensors", "500",
            "--rate", Rate.ToString(CultureInfo.InvariantCulture), "--first-id", "1000000");
        await using var traffic = new Traffic(kafka.Options, seed: 1);
        using var garbage = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build();

        long compared = 0, readings = 0, leftAlone = 0;
        for (var run = 0; run < Runs; run++)
        {
            garbage.Produce(kafka.Options.Topic, new() { Value = "{garbage"u8.ToArray() });
            var last = DateTimeOffset.UtcNow;
            await Until.Async(async () => await FinalSinceAsync(cluster, last) > 0, cluster.ToString, Deadline);
            var result = await ReconcileProgram.RunAsync(settings, $"postgres:{cluster.ConnectionString}", "--last", "45s", "--period", "PT10S");
            Assert.True(result.ExitCode == 0, $"{result.Text}\n{cluster}");
            Assert.Equal(0, result["differences"]);
            (compared, readings, leftAlone) = (compared + result["compared"], readings + result["readings"], leftAlone + result["leftAlone"]);
        }

        Assert.True(compared > 0, "No row was compared.");
        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"reconcile beside three silos: {Runs} runs over the last 45 s, {readings:N0} readings, {compared:N0} rows compared, {leftAlone:N0} left alone, 0 differences"));
        await traffic.StopAsync();
    }

    /// <returns>How many windows have closed that started after the moment.</returns>
    private static async Task<long> FinalSinceAsync(FaultCluster cluster, DateTimeOffset moment)
    {
        await using var command = cluster.DataSource.CreateCommand("SELECT count(*) FROM sensor_windows WHERE is_final AND window_start >= $1");
        command.Parameters.Add(new() { Value = moment.UtcDateTime });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
