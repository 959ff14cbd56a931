using System.CommandLine;
using System.Diagnostics;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage;

namespace GrainSensors.Benchmarks.Store;

/// <summary>
/// Writes and reads windows the way grains do: many callers with two rows each (temperature and humidity) of today,
/// first as new rows, then rewritten as at every checkpoint; then read as after a failover.
/// </summary>
internal static class StoreScenario
{
    public static Command Create()
    {
        var rows = new Option<int>("--rows") { Description = "Rows to write and read.", DefaultValueFactory = _ => 100_000 };
        var callers = new Option<int>("--callers") { Description = "Calls under way at once.", DefaultValueFactory = _ => 2048 };
        var rounds = new Option<int>("--rounds") { Description = "How often every row is rewritten.", DefaultValueFactory = _ => 3 };
        var store = new Option<string>("--store") { Description = "sqlite:PATH or postgres:CONNECTION; rows of earlier runs stay there.", Required = true };
        var command = new Command("store", "How many window rows a second a store takes from concurrent callers.") { rows, callers, rounds, store };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(store), parsed.GetValue(rows), parsed.GetValue(callers), parsed.GetValue(rounds), cancellation));
        return command;
    }

    private static async Task RunAsync(string address, int rows, int callers, int rounds, CancellationToken cancellationToken)
    {
        await using var store = WindowStoreAddress.Parse(address).Open();
        Console.WriteLine($"store     {store.Description}, {rows:N0} rows, {callers:N0} callers");
        await MeasureAsync("prepare", 0, () => store.PrepareAsync(cancellationToken));

        // Ids and windows of their own, so that a store can be measured again.
        var start = Period.Default.StartOf(EpochTime.Now(TimeProvider.System)) - (Random.Shared.Next(0, 8) * Period.Default.TotalMicros);
        var first = Random.Shared.Next(0, 1_000_000_000);
        var sensors = Enumerable.Range(first, Math.Max(1, rows / 2)).ToArray();
        var tokens = new long[sensors.Length];
        await MeasureAsync("new", rows, () => WriteAllAsync(known: false));
        for (var round = 1; round <= rounds; round++)
        {
            await MeasureAsync($"known {round}", rows, () => WriteAllAsync(known: true));
        }

        await MeasureAsync("read", rows, () => ForAllAsync(async index =>
        {
            var found = await store.ReadAsync([new(sensors[index], start, start + Period.Default.TotalMicros)], cancellationToken);
            Check(found.Count == 2);
        }));

        Task WriteAllAsync(bool known) => ForAllAsync(async index =>
        {
            var token = Random.Shared.NextInt64();
            long? expected = known ? tokens[index] : null;
            var outcomes = await store.WriteAsync([Write("temperature"), Write("humidity")], cancellationToken);
            Check(Array.TrueForAll(outcomes, outcome => outcome == WriteOutcome.Written));
            tokens[index] = token;

            WindowWrite Write(string metric)
            {
                var key = new WindowKey(sensors[index], metric, start, start + Period.Default.TotalMicros);
                var marks = Marks.Empty.Raise(new(Guid.Empty, index % 4), index);
                return new(new(key, new RunningStatistics(index, 21.5, 0.5, 20, 23), marks, token, 0, false), expected);
            }
        });

        async Task ForAllAsync(Func<int, Task> action)
        {
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
                async () =>
                {
                    while (Interlocked.Increment(ref next) is var index && index < sensors.Length)
                    {
                        await action(index);
                    }
                },
                cancellationToken)));
        }
    }

    private static async Task MeasureAsync(string name, int rows, Func<Task> action)
    {
        var watch = Stopwatch.StartNew();
        await action();
        var rate = rows == 0 ? "" : $"{rows / watch.Elapsed.TotalSeconds,12:N0} rows/s";
        Console.WriteLine($"{name,-9} {watch.Elapsed.TotalSeconds,7:N2} s {rate}");
    }

    private static void Check(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The store did not do what was asked; do other programs write to it?");
        }
    }
}
