using System.Diagnostics;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Benchmarks.Store;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;

namespace GrainSensors.Benchmarks.Memory;

/// <summary>One silo that is given a reading of each sensor, then closes the windows, then lets the grains go.</summary>
internal sealed class MemoryRun(int sensors, ReadingTopic topic, string connectionString, Progress progress)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Windows are neither too old nor the present ones.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <summary>A million sensors take some time on a small machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private const int CallsAtOnce = 2048;
    private static readonly long WindowSeconds = Period.Default.TotalMicros / 1_000_000;

    /// <summary>Nothing closes or raises alerts but what this does.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["GrainSensors__IdleTimeout"] = "-00:00:00.001",
        ["GrainSensors__Monitor__Timeout"] = "1.00:00:00",
    };

    /// <summary>Stages in their order, the first one before there is any sensor.</summary>
    public async Task<IReadOnlyList<MemoryStage>> RunAsync(CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds();
        var start = now - (now % WindowSeconds);
        await using var run = await ProductRun.StartAsync(1, topic, connectionString, Settings, cancellationToken);
        var stages = new List<MemoryStage> { await LookAsync(run, "no sensor", TimeSpan.Zero, cancellationToken) };

        var watch = Stopwatch.StartNew();
        await FeedAsync(start, sensors);
        watch.Stop();
        await UntilAsync(
            partitions => partitions.Sum(partition => partition.Checkpointed) == sensors,
            partitions => $"{partitions.Sum(partition => partition.Checkpointed):N0} readings are durable");
        stages.Add(await LookAsync(run, "windows open", watch.Elapsed, cancellationToken));

        // One reading of a later window in each partition is enough to close the others.
        var later = ReadingsThatReachEveryPartition();
        watch.Restart();
        await FeedAsync(start + (2 * WindowSeconds), later);
        await UntilAsync(
            partitions => partitions.Sum(partition => partition.OpenWindows) <= later,
            partitions => $"{partitions.Sum(partition => partition.OpenWindows):N0} windows are open");
        stages.Add(await LookAsync(run, "windows closed", watch.Elapsed, cancellationToken));

        watch.Restart();
        await LetGoAsync(run, cancellationToken);
        stages.Add(await LookAsync(run, "grains let go", watch.Elapsed, cancellationToken));
        return stages;

        async Task FeedAsync(long from, int count)
        {
            var before = (await run.PartitionsAsync()).Sum(partition => partition.Position);
            using var log = BatchFile.Create(new BatchSequence(sensors, from, topic.Partitions).Take(count), _ => { }, cancellationToken);
            await using var feeder = await FeederProcess.OfAsync(topic, log);
            watch.Restart();
            await feeder.BeginAsync();
            await UntilAsync(
                partitions => partitions.Sum(partition => partition.Position) == before + count,
                partitions => $"{partitions.Sum(partition => partition.Position):N0} readings are taken",
                feeder);
        }

        async Task UntilAsync(
            Func<IReadOnlyList<PartitionReport>, bool> condition,
            Func<IReadOnlyList<PartitionReport>, FormattableString> say,
            FeederProcess? feeder = null)
        {
            using var timer = new PeriodicTimer(LookInterval);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            while (true)
            {
                await timer.WaitForNextTickAsync(patience.Token);
                run.ThrowIfEnded();
                var partitions = await run.PartitionsAsync();
                await (feeder?.TellAsync(partitions.Select(partition => (partition.Partition, partition.Position))) ?? Task.CompletedTask);
                progress.Say(say(partitions));
                if (condition(partitions))
                {
                    return;
                }
            }
        }
    }

    private int ReadingsThatReachEveryPartition()
    {
        var keys = new SensorKeys(sensors, topic.Partitions);
        var reached = new HashSet<int>();
        var count = 0;
        while (count < sensors && reached.Count < topic.Partitions)
        {
            reached.Add(keys.PartitionOf(count++));
        }

        return count;
    }

    /// <summary>
    /// Has every window grain deactivated. Orleans does it by itself, to grains that were not called for 15 minutes and were not
    /// flushed for 5: nobody wants to wait for that here.
    /// </summary>
    private async Task LetGoAsync(ProductRun run, CancellationToken cancellationToken)
    {
        await Callers.ForAllAsync(
            CallsAtOnce, sensors, async sensor => await run.Client.Windows(sensor, Period.Default).Release(), cancellationToken);
        using var timer = new PeriodicTimer(LookInterval);
        for (var left = int.MaxValue; left > 0;)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            run.ThrowIfEnded();
            left = (await run.Client.Management.GetSimpleGrainStatistics(cancellationToken))
                .Where(grains => grains.GrainType.Contains(nameof(WindowGrain), StringComparison.Ordinal))
                .Sum(grains => grains.ActivationCount);
            progress.Say($"{left:N0} window grains are active");
        }
    }

    private async Task<MemoryStage> LookAsync(ProductRun run, string name, TimeSpan took, CancellationToken cancellationToken)
    {
        progress.Say($"{name}: a full collection", isNews: true);
        var memory = await run.LiveMemoryAsync(cancellationToken);
        return new(name, took.TotalSeconds, memory.Managed, memory.Resident);
    }
}
