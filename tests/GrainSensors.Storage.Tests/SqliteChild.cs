using GrainSensors.Core.Windows;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The work of a second process on the file.</summary>
internal static class SqliteChild
{
    /// <summary>Prepares the store and prints the outcome.</summary>
    public const string Prepare = "prepare";

    /// <summary>Rewrites rows until it is killed, and prints each acknowledged row version.</summary>
    public const string WriteForever = "write";

    /// <summary>Writes final panes until it is killed.</summary>
    public const string WriteFinal = "final";

    /// <summary>Counts the rows without writing.</summary>
    public const string Count = "count";

    public static void Run(string role, string path)
    {
        var store = new SqliteWindowStore(
            path, new WindowStoreOptions { Longer = new(Period.Default, new[] { WindowPeriod.Parse("PT1H") }) });
        try
        {
            if (role == Count)
            {
                Console.WriteLine(store.QueryAsync(new(0, long.MaxValue), CancellationToken.None).ToBlockingEnumerable().Count());
                return;
            }

            store.PrepareAsync(CancellationToken.None).GetAwaiter().GetResult();
            store.MergedWindows.SetPeriodsAsync(CancellationToken.None).GetAwaiter().GetResult();
            Console.WriteLine("prepared");
            for (var at = 0L; role == WriteFinal; at++)
            {
                var write = Row(start: Start + (at * Quarter), isFinal: true).Write();
                Console.WriteLine($"{at} {store.WriteAsync(new[] { write }, CancellationToken.None).GetAwaiter().GetResult()[0]}");
            }

            for (var version = 1L; role == WriteForever; version++)
            {
                long? expected = version == 1 ? null : version - 1;
                var writes = Enumerable.Range(0, 20).Select(sensor => Row(sensor, token: version).Write(expected));
                var outcomes = store.WriteAsync([.. writes], CancellationToken.None).GetAwaiter().GetResult();
                Console.WriteLine($"{version} {outcomes.Distinct().Single()}");
            }
        }
        catch (WindowStoreUnavailableException e)
        {
            Console.WriteLine(e.Message);
        }
    }
}
