using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Opening;

namespace GrainSensors.Benchmarks.Names;

/// <summary>Gives numbers to new names as the loops of partitions do, finds them again, and refuses those beyond the limit.</summary>
internal static class NamesScenario
{
    /// <summary>Partitions that ask at the same time.</summary>
    private const int Loops = 6;

    private const int LookUps = 10_000_000;

    public static Command Create()
    {
        var names = NumberOption.Of("--names", "New ones", 1_000_000, 1, 10_000_000);
        var refused = NumberOption.Of("--refused", "Random ones beyond the limit", 1_000_000, 0, 100_000_000);
        var batch = NumberOption.Of("--batch", "Names of a call", 10_000, 1, 1_000_000);
        var (postgres, json) = (ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command("names", "How many names of sensors a second a silo interns, finds and refuses, in PostgreSQL.")
        {
            names, refused, batch, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(names), parsed.GetValue(refused), parsed.GetValue(batch), parsed.GetValue(postgres), parsed.GetValue(json),
            cancellation));
        return command;
    }

    private sealed record Figure(string What, double Value, string Unit);

    private static async Task<int> RunAsync(
        int count, int refused, int batch, string? postgres, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var table = new ResultTable<Figure>(
            progress,
            json,
            new("", 40, row => row.What),
            new("", 12, row => TextTable.Number(row.Value, "#,0.0")),
            new("unit", 12, row => row.Unit));
        table.Say($"{count:N0} names, {batch:N0} in a call of {Loops} callers");
        await using var database = await ScratchDatabase.CreateAsync(postgres);
        await using var store = WindowStoreAddress.Parse($"postgres:{database.ConnectionString}").Open(
            new() { Names = new() { NewPerMinute = count, Max = count } });
        await store.PrepareAsync(cancellationToken);
        await store.ReadLifeAsync(cancellationToken);

        progress.Say($"new names", isNews: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var given = await AskAsync(store.Names, "device-", count, batch, cancellationToken);
        table.Add(new("new names", count / watch.Elapsed.TotalSeconds, "names/s"));
        table.Add(new("memory", (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / count, "bytes/name"));
        table.Add(new("look-ups in the same order", Find(store.Names, count, 1), "ns"));
        table.Add(new("look-ups in another order", Find(store.Names, count, 7919), "ns"));

        progress.Say($"names beyond the limit", isNews: true);
        watch.Restart();
        var excess = await AskAsync(store.Names, "random-", refused, batch, cancellationToken);
        if (refused > 0)
        {
            table.Add(new("names beyond the limit", refused / watch.Elapsed.TotalSeconds, "names/s"));
            var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
            table.Add(new("memory of all then", growth / 1e6, "MB"));
        }

        var isRight = given == count && excess == 0;
        table.End(new { names = count, isRight, figures = table.Rows });
        return isRight ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }

    /// <returns>The names that have got numbers, each its own.</returns>
    private static async Task<int> AskAsync(
        ISensorNames names, string prefix, int count, int batch, CancellationToken cancellationToken)
    {
        var (next, used) = (0, new HashSet<int>());
        await Task.WhenAll(Enumerable.Range(0, Loops).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Add(ref next, batch) - batch is var from && from < count)
                {
                    var asked = Enumerable.Range(from, Math.Min(batch, count - from))
                        .Select(i => (ReadOnlyMemory<byte>)NameOf(prefix, i)).ToList();
                    var numbers = new int[asked.Count];
                    await names.NumbersOfAsync(asked, numbers, cancellationToken);
                    lock (used)
                    {
                        used.UnionWith(numbers.Where(SensorName.IsNumber));
                    }
                }
            },
            cancellationToken)));
        return used.Count;
    }

    /// <param name="step">Between one name and the next.</param>
    /// <returns>The time of a look-up, ns.</returns>
    private static double Find(ISensorNames names, int count, int step)
    {
        var all = Enumerable.Range(0, count).Select(i => NameOf("device-", (int)((long)i * step % count))).ToArray();
        var found = 0;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < LookUps; i++)
        {
            found += names.TryFind(all[i % count], out _) ? 1 : 0;
        }

        return found == LookUps ? watch.Elapsed.TotalNanoseconds / LookUps : double.NaN;
    }

    private static byte[] NameOf(string prefix, int number) =>
        Encoding.UTF8.GetBytes(prefix + number.ToString(CultureInfo.InvariantCulture));
}
