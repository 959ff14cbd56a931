using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Live;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;

namespace GrainSensors.Benchmarks.Recovery;

/// <summary>A silo, or two of them, under a steady load; a kill -9; and what can then be seen in the table.</summary>
internal sealed class RecoveryRun(int windows, int silos, TimeSpan session, ReadingTopic topic, string connectionString)
{
    private const int Sample = 200;

    /// <summary>No sensor is disconnected.</summary>
    private const int Faults = 0;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>The checkpoints of all partitions are then as far apart as they usually are.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly SentReadings _sent = new();
    private readonly HashSet<int> _written = [];

    public async Task<Recovery> RunAsync(Action<string> step, CancellationToken cancellationToken)
    {
        var stride = Math.Max(2, windows / Sample);
        await using var run = await ProductRun.StartAsync(
            silos,
            topic,
            connectionString,
            new Dictionary<string, string> { ["GrainSensors__Kafka__SessionTimeout"] = session.ToString() },
            cancellationToken);
        await using var feeder = await FeederProcess.LiveAsync(topic, windows, windows, stride, Faults);
        var rows = new SampledRows(run.Database, windows, stride);
        await feeder.BeginAsync(_sent.Add);

        // A recovery reads from the checkpoint on.
        await using var relay = new PositionRelay(run, feeder, partition => partition.Checkpointed);

        step("every sensor gets its window");
        var settled = DateTime.UtcNow + Steady;
        await UntilAsync(rows, () => DateTime.UtcNow > settled, cancellationToken);
        var until = _sent.Count;
        await UntilAsync(rows, () => until >= windows && rows.HoldAtLeast(until), cancellationToken);

        step("a silo is killed");
        _written.Clear();
        await run.KillFirstAsync();
        var killed = DateTime.UtcNow;
        if (silos == 1)
        {
            run.BeginSilo();
        }

        var first = await UntilAsync(rows, () => _written.Count > 0, cancellationToken);
        var waiting = _sent.Count;
        step("rows are written again");
        var every = await UntilAsync(rows, () => _written.Count == rows.Sample, cancellationToken);
        var current = await UntilAsync(rows, () => rows.HoldAtLeast(waiting), cancellationToken);

        step("the feeder stops, and the rows are counted");
        await feeder.StopAsync();
        await UntilAsync(rows, () => rows.Hold(_sent.Count) || rows.HoldMoreThan(_sent.Count), cancellationToken);
        return new((first - killed).TotalSeconds, (every - killed).TotalSeconds, (current - killed).TotalSeconds, rows.Hold(_sent.Count));
    }

    /// <returns>When it was so.</returns>
    private async Task<DateTime> UntilAsync(SampledRows rows, Func<bool> condition, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var timer = new PeriodicTimer(LookInterval);
        do
        {
            await timer.WaitForNextTickAsync(patience.Token);
            foreach (var reading in await rows.LookAsync(patience.Token))
            {
                _written.Add(reading.Sensor);
            }
        }
        while (!condition());
        return DateTime.UtcNow;
    }
}
