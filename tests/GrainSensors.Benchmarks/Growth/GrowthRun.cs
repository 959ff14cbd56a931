using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;

namespace GrainSensors.Benchmarks.Growth;

/// <summary>A silo that takes whatever a feeder without end can send.</summary>
internal sealed class GrowthRun(ReadingTopic topic, string connectionString, int sensors, long from)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <returns>The readings that were sent, and those that are in the rows.</returns>
    public async Task<(long Sent, long Counted)> RunAsync(
        TimeSpan time, TimeSpan interval, Action<GrowthInterval> add, Progress progress, CancellationToken cancellationToken)
    {
        await using var run = await ProductRun.StartAsync(1, topic, connectionString, new Dictionary<string, string>(), cancellationToken);
        await using var feeder = await FeederProcess.EndlessAsync(topic, sensors, from);
        using var look = new PeriodicTimer(LookInterval);
        var begun = await feeder.BeginAsync();
        var (taken, start, startTaken, pieces, isOver) = (0L, begun, 0L, 0, false);
        for (var now = begun; now < begun + time.TotalMicroseconds;)
        {
            (now, taken) = await LookAsync();
            if (now >= begun + ((pieces + 1) * interval.TotalMicroseconds))
            {
                pieces++;
                add(new((now - begun) / 1e6, (now - start) / 1e6, taken - startTaken, run.Usage(start, now)));
                (start, startTaken) = (now, taken);
            }
        }

        isOver = true;
        await feeder.StopAsync();
        var sent = topic.Messages();
        while (taken < sent)
        {
            (_, taken) = await LookAsync();
        }

        await run.TerminateAsync();
        return (sent, await run.CountAsync(cancellationToken));

        async Task<(long Now, long Taken)> LookAsync()
        {
            await look.WaitForNextTickAsync(cancellationToken);
            run.ThrowIfEnded();
            var partitions = await run.PartitionsAsync();
            var positions = partitions.Sum(partition => partition.Position);
            if (!isOver)
            {
                await feeder.TellAsync(partitions.Select(partition => (partition.Partition, partition.Position)));
            }

            progress.Say($"{positions:N0} readings are taken");
            return ((long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds, positions);
        }
    }
}
