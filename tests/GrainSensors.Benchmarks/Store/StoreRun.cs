using System.Diagnostics;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Benchmarks.Store;

/// <summary>
/// Writes and reads windows the way grains do: many callers with two rows each of the present window, first as new rows,
/// then rewritten as at every checkpoint; then read as after a failover.
/// </summary>
/// <param name="before">Rows that are there already; null: nobody knows.</param>
internal sealed class StoreRun(IWindowStore store, string name, long? before, StoreRequest request)
{
    // Ids of their own, so that a store can be measured again.
    private readonly int _first = Random.Shared.Next(10_000_000, 1_000_000_000);
    private readonly long _start = Period.Default.StartOf(EpochTime.Now(TimeProvider.System));
    private readonly long[] _tokens = new long[Math.Max(1, request.Rows / 2)];

    public async Task<StoreFigures> RunAsync(Progress progress, CancellationToken cancellationToken)
    {
        var fresh = await MeasureAsync("new rows", number => WriteAsync(number, null));
        var known = new List<double>();
        for (var round = 0; round < request.Rounds; round++)
        {
            known.Add(await MeasureAsync("known rows", number => WriteAsync(number, _tokens[number])));
        }

        var read = await MeasureAsync("reading", async number =>
        {
            var found = await store.ReadAsync([SensorRows.Window(_first + number, _start)], cancellationToken);
            if (found.Count != 2)
            {
                throw new InvalidOperationException("The store has lost rows; do other programs write to it?");
            }
        });
        return new(name, before, fresh, known.Order().ElementAt(known.Count / 2), read);

        async Task<double> MeasureAsync(string step, Func<int, Task> action)
        {
            progress.Say($"{name}: {step}", isNews: true);
            var watch = Stopwatch.StartNew();
            await Callers.ForAllAsync(request.Callers, _tokens.Length, action, cancellationToken);
            return 2 * _tokens.Length / watch.Elapsed.TotalSeconds;
        }

        async Task WriteAsync(int number, long? expected)
        {
            var token = Random.Shared.NextInt64();
            await SensorRows.WriteAsync(store, _first + number, _start, number, token, expected, isFinal: false, cancellationToken);
            _tokens[number] = token;
        }
    }
}
