using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Contracts.Cluster;

namespace GrainSensors.Benchmarks.Live;

/// <summary>Tells a feeder how far the silos are, as long as it is there.</summary>
internal sealed class PositionRelay : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="position">What of a partition the broker need not keep any longer.</param>
    public PositionRelay(ProductRun run, FeederProcess feeder, Func<PartitionReport, long> position) =>
        _running = RunAsync(run, feeder, position);

    /// <summary>Of all partitions.</summary>
    public long Taken { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(ProductRun run, FeederProcess feeder, Func<PartitionReport, long> position)
    {
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            await timer.WaitForNextTickAsync(_stop.Token);
            try
            {
                var partitions = await run.PartitionsAsync();
                Taken = partitions.Sum(partition => partition.Position);
                await feeder.TellAsync(partitions.Select(partition => (partition.Partition, position(partition))));
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                // A silo has just died, and its successor is not there yet.
            }
        }
    }
}
