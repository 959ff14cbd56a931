using System.Diagnostics;
using GrainSensors.Benchmarks.Feeding;

namespace GrainSensors.Benchmarks.Guard;

/// <summary>One contender and its feeder, which goes on by a chunk each time that it is its turn.</summary>
/// <param name="positions">The next offset to be read by partition.</param>
internal sealed class GuardLane(FeederProcess feeder, Func<Task<IReadOnlyList<(int Partition, long Position)>>> positions)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A chunk takes a second or two; whoever takes none of it for so long has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private long _end;

    /// <returns>Readings a second.</returns>
    public async Task<double> RunAsync(long chunk, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var timer = new PeriodicTimer(LookInterval);
        var watch = Stopwatch.StartNew();
        await (_end == 0 ? feeder.BeginAsync() : feeder.GoOnAsync());
        _end += chunk;
        while (true)
        {
            await timer.WaitForNextTickAsync(patience.Token);
            var now = await positions();
            if (now.Sum(partition => partition.Position) >= _end)
            {
                return chunk / watch.Elapsed.TotalSeconds;
            }

            await feeder.TellAsync(now);
        }
    }
}
