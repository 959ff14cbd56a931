using GrainSensors.Benchmarks.Feeding;

namespace GrainSensors.Benchmarks.Product;

/// <summary>Has silos work off a log that a feeder writes meanwhile.</summary>
internal static class WorkOff
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>A checkpoint of a million sensors begins when the one before has ended, and writes two million rows.</summary>
    private static readonly TimeSpan CheckpointPatience = TimeSpan.FromMinutes(10);

    /// <summary>Lets the feeder begin, waits until everything is taken and durable, and has the silos stop.</summary>
    /// <param name="warmUp">Readings before those that are measured.</param>
    /// <param name="hurry">
    /// Has the silos stop so that they make everything durable at once, instead of waiting for the next checkpoint. For one
    /// silo: of several that stop together each needs grains of the others for its last checkpoint.
    /// </param>
    /// <param name="taken">Is told how many.</param>
    /// <returns>When the first of those that are measured was taken, and when the last was durable, µs since the epoch.</returns>
    public static async Task<(long From, long To)> RunAsync(
        ProductRun run,
        FeederProcess feeder,
        long readings,
        long warmUp,
        bool hurry,
        Action<long> taken,
        CancellationToken cancellationToken)
    {
        var begun = await feeder.BeginAsync();
        var progress = new List<(long At, long Taken)> { (begun, 0) };
        using var timer = new PeriodicTimer(LookInterval);
        while (progress[^1].Taken < readings)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            run.ThrowIfEnded();
            var partitions = await run.PartitionsAsync();
            await feeder.TellAsync(partitions.Select(partition => (partition.Partition, partition.Position)));
            progress.Add((Now(), partitions.Sum(partition => partition.Position)));
            taken(progress[^1].Taken);
        }

        var durable = (Readings: 0L, At: 0L);
        if (!hurry)
        {
            await Patiently.UntilAsync(
                async () => (durable = await run.CheckpointedAsync(cancellationToken)).Readings == readings,
                "the last checkpoint does not come",
                cancellationToken,
                CheckpointPatience);
        }

        await run.TerminateAsync();
        durable = hurry ? await run.CheckpointedAsync(cancellationToken) : durable;
        return durable.Readings == readings
            ? (Passed(progress, warmUp), durable.At)
            : throw new InvalidOperationException(
                $"The silos have stopped with {durable.Readings:N0} of {readings:N0} readings durable: {run}");
    }

    private static long Passed(List<(long At, long Taken)> progress, long readings)
    {
        if (readings == 0)
        {
            return progress[0].At;
        }

        var after = progress.FindIndex(look => look.Taken >= readings);
        var (a, b) = (progress[after - 1], progress[after]);
        return a.At + (long)((b.At - a.At) * (double)(readings - a.Taken) / (b.Taken - a.Taken));
    }

    private static long Now() => (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
}
