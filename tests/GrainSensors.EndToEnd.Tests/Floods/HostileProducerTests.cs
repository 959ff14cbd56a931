using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.EndToEnd.Tests.Faults;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.EndToEnd.Tests.Floods;

/// <summary>A device that sends another name with each message.</summary>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class HostileProducerTests
{
    private const int MaxNew = 1000;
    private const int Seed = 900;

    /// <summary>The most memory of the second half of the flood, compared with the first.</summary>
    private const double AllowedGrowth = 1.25;

    /// <summary>At least this share of the usual readings of the others becomes durable during the flood.</summary>
    private const double LeastShare = 0.8;

    /// <summary>
    /// Messages a second into a real broker. The embedded one holds the flood to the pace of the silo. A real one takes it several times as
    /// fast as two cores make dead letters of it, on which broker, database and flood run, too; then the others wait behind it.
    /// </summary>
    private const int RateOfReal = 20_000;

    /// <summary>Half of the flood.</summary>
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(TestLength.IsLong ? 60 : 15);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    /// <summary>What the producer waits for when it is ahead of its rate: a flood of a given rate needs the real time.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private static readonly Dictionary<string, string> Settings = new(FaultCluster.Quick) { ["SensorNames__MaxNew"] = $"{MaxNew}" };

    [Fact]
    public async Task A_new_name_in_each_message_fills_neither_the_table_nor_memory_and_stops_no_other_sensor()
    {
        await using var cluster = await FaultCluster.StartAsync(1, Settings);
        await using var run = new FaultRun("a new name in each message", cluster, Seed);
        await run.UntilFlowingAsync();
        var (usual, _) = await DurableAsync(cluster, run, TimeSpan.FromSeconds(10));
        using var stop = new CancellationTokenSource();
        var hostile = FloodAsync(cluster, stop.Token);
        var (first, second) = (await DurableAsync(cluster, run, Half), await DurableAsync(cluster, run, Half));
        await stop.CancelAsync();
        var sent = await hostile;
        await run.UntilFlowingAsync();
        await run.FinishAsync();

        var (names, named) = (await CountAsync(cluster, "sensor_names"), await NamedReadingsAsync(cluster));
        var letters = 0L;
        await Until.Async(
            () => (letters = DeadLetters(cluster)) == sent - named,
            () => $"{letters} dead letters and {named} readings of {sent}; {cluster}",
            Patience);
        run.Print($"{sent} hostile messages, {sent / (2 * Half.TotalSeconds):0}/s; {names} names, {letters} dead letters");
        run.Print($"the others {first.Rate:0} and {second.Rate:0}/s durable, {usual:0}/s before");
        run.Print($"{first.Memory >> 20} MB at most in the first half, {second.Memory >> 20} MB in the second");
        Assert.InRange(names, 1, MaxNew * (long)(2 + (2 * Half.TotalMinutes)));
        Assert.All([first.Rate, second.Rate], rate => Assert.InRange(rate, usual * LeastShare, double.MaxValue));
        Assert.InRange(second.Memory, 0, (long)(first.Memory * AllowedGrowth));
    }

    /// <returns>The messages that are in the log.</returns>
    private static async Task<long> FloodAsync(FaultCluster cluster, CancellationToken cancellationToken)
    {
        await using var services = PipelineHost.BuildProducer(cluster.Kafka.Options, TimeSpan.FromMilliseconds(5));
        var producer = services.GetRequiredService<BulkReadingProducer>();
        var (rate, started) = (cluster.Kafka.IsEmbedded ? double.PositiveInfinity : RateOfReal, Stopwatch.GetTimestamp());
        try
        {
            for (var i = 0L; !cancellationToken.IsCancellationRequested; i++)
            {
                while (i > Stopwatch.GetElapsedTime(started).TotalSeconds * rate)
                {
                    // Keeps the rate.
                    await Task.Delay(Pace, cancellationToken);
                }

                var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
                var json = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"sensor_id\":\"random-{Guid.NewGuid():N}\",\"timestamp\":{now},\"temperature\":20}}");
                await producer.AppendAsync(0, Encoding.UTF8.GetBytes(json), key: false, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The flood ends while it waits for the broker.
        }

        await producer.SendAsync(CancellationToken.None);
        await producer.FlushAsync(CancellationToken.None);
        Assert.Equal(0, producer.Failed);
        return producer.Acknowledged;
    }

    /// <returns>The readings of the other sensors that become durable in a second, and the most memory that the silo has.</returns>
    private static async Task<(double Rate, long Memory)> DurableAsync(FaultCluster cluster, FaultRun run, TimeSpan time)
    {
        var (from, started, largest) = (await OthersAsync(cluster), Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            await run.FlowAsync(0.5);
            largest = Math.Max(largest, Memory(cluster));
        }

        return ((await OthersAsync(cluster) - from) / Stopwatch.GetElapsedTime(started).TotalSeconds, largest);
    }

    private static long Memory(FaultCluster cluster)
    {
        using var process = Process.GetProcessById(cluster.Silos[0].Process.ProcessId);
        return process.WorkingSet64;
    }

    private static long DeadLetters(FaultCluster cluster)
    {
        var kafka = cluster.Kafka.Options;
        var config = new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "dead-letters" };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetErrorHandler(static (_, _) => { }).Build();
        return Enumerable.Range(0, FaultCluster.Partitions)
            .Sum(partition => consumer.QueryWatermarkOffsets(new(kafka.DeadLetterTopic, partition), Patience).High.Value);
    }

    private static Task<long> OthersAsync(FaultCluster cluster) =>
        CountAsync(cluster, "sensor_windows WHERE sensor_id >= 0 AND metric = 'temperature'", "coalesce(sum(sample_count), 0)::bigint");

    private static Task<long> NamedReadingsAsync(FaultCluster cluster) =>
        CountAsync(cluster, "sensor_windows WHERE sensor_id < 0 AND metric = 'temperature'", "coalesce(sum(sample_count), 0)::bigint");

    private static async Task<long> CountAsync(FaultCluster cluster, string from, string what = "count(*)")
    {
        await using var command = cluster.DataSource.CreateCommand($"SELECT {what} FROM {from}");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
