using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>A reconciliation of windows that running silos have just closed finds no difference.</summary>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class LiveReconciliationTests
{
    private const int Runs = 3;

    /// <summary>The embedded broker keeps 5 MiB a partition: 4 min at the full rate in 24 partitions.</summary>
    private const int Partitions = 24;

    private const int Rate = 20_000;

    /// <summary>The part of the rate that must be measured: the checkpoints that measure it are up to 2 s old.</summary>
    private const double Measurable = 0.95;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The embedded broker answers a fetch with one batch of each partition and searches it from the beginning of the log. The
    /// command's default linger of 5 ms makes batches of four readings at this rate, and reading then takes longer than producing.
    /// </summary>
    private static readonly Dictionary<string, string> InLargeBatches = new() { ["GrainSensors__Kafka__Client__linger.ms"] = "250" };

    [Fact]
    public async Task Windows_just_closed_are_equal_while_three_silos_process_20000_readings_a_second()
    {
        Assert.SkipUnless(FaultSeeds.IsLong, "Runs in the long form only: it uses both cores for minutes.");
        var kafka = await TestKafka.StartAsync(Partitions);
        await using var cluster = await FaultCluster.StartAsync(
            3,
            new Dictionary<string, string> { ["Period"] = "PT10S", ["Grace"] = "00:00:05", ["CheckpointInterval"] = "00:00:02" },
            kafka);
        var settings = ReconcileProgram.KafkaSettings.Of(kafka);
        await using var produce = Executable.StartWith(
            InLargeBatches,
            "produce", "--kafka", kafka.BootstrapServers, "--topic", kafka.Options.Topic, "--sensors", "500",
            "--rate", Rate.ToString(CultureInfo.InvariantCulture), "--first-id", "1000000");
        await using var traffic = new Traffic(kafka.Options, seed: 1);
        using var garbage = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build();

        long compared = 0, readings = 0, leftAlone = 0;
        var seconds = new List<string>(Runs);
        (long Readings, TimeSpan At) first = default;
        for (var run = 0; run < Runs; run++)
        {
            garbage.Produce(kafka.Options.Topic, new() { Value = "{garbage"u8.ToArray() });
            var last = DateTimeOffset.UtcNow;
            await Until.Async(async () => await FinalSinceAsync(cluster, last) > 0, cluster.ToString, Deadline);
            first = run == 0 ? await DurableAsync(cluster) : first;
            var started = Stopwatch.GetTimestamp();
            var result = await ReconcileProgram.RunAsync(
                settings, $"postgres:{cluster.ConnectionString}", "--last", "45s", "--period", "PT10S");
            Assert.True(result.ExitCode == 0, $"{result.Text}\n{cluster}");
            Assert.Equal(0, result["differences"]);
            Assert.True(result["compared"] > 0, $"No row was compared.\n{result.Text}");
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0", CultureInfo.InvariantCulture));
            compared += result["compared"];
            readings += result["readings"];
            leftAlone += result["left_alone"];
        }

        var end = await DurableAsync(cluster);
        var rate = (end.Readings - first.Readings) / (end.At - first.At).TotalSeconds;
        Assert.True(
            rate >= Rate * Measurable,
            $"No difference, but this machine is too slow: three silos processed {rate:N0} instead of {Rate:N0} readings/s.");
        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"reconcile beside three silos at {rate:N0} readings/s: {Runs} runs over the last 45 s in {string.Join(", ", seconds)} s, "
            + $"{readings:N0} readings, {compared:N0} rows compared, {leftAlone:N0} skipped, 0 differences"));
        await traffic.StopAsync();
    }

    /// <returns>The number of durable messages, and the time of the query.</returns>
    private static async Task<(long Readings, TimeSpan At)> DurableAsync(FaultCluster cluster)
    {
        await using var command = cluster.DataSource.CreateCommand("SELECT sum(next_offset)::bigint FROM checkpoints");
        var readings = (long)(await command.ExecuteScalarAsync())!;
        return (readings, Stopwatch.GetElapsedTime(0));
    }

    /// <returns>The number of closed windows that started at or after the time.</returns>
    private static async Task<long> FinalSinceAsync(FaultCluster cluster, DateTimeOffset time)
    {
        await using var command = cluster.DataSource.CreateCommand(
            "SELECT count(*) FROM sensor_windows WHERE is_final AND window_start >= $1");
        command.Parameters.Add(new() { Value = time.UtcDateTime });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
