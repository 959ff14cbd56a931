using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Storage.Opening;

namespace GrainSensors.Benchmarks.Store;

/// <summary>How many window rows a second the stores take and give, while they are empty and when there is much in them.</summary>
internal static class StoreScenario
{
    private static readonly string Scratch = Path.Combine(Path.GetTempPath(), $"grainsensors-store-{Guid.NewGuid():N}");

    public static Command Create()
    {
        var rows = NumberOption.Of("--rows", "To write, rewrite and read", 100_000, 2, 10_000_000);
        var before = NumberOption.Of("--before", "Rows that are there the second time", 5_000_000, 0, 1_000_000_000);
        var callers = NumberOption.Of("--callers", "Calls under way at once", 2048, 1, 100_000);
        var rounds = NumberOption.Of("--rounds", "How often every row is rewritten", 3, 1, 100);
        var store = new Option<string?>("--store")
        {
            HelpName = "STORE",
            Description = "sqlite:PATH or postgres:CONNECTION, as it is and without --before; rows stay there "
                + "[default: PostgreSQL and SQLite of its own]",
        };
        store.Validators.Add(result =>
        {
            try
            {
                _ = result.GetValueOrDefault<string?>() is { } address ? WindowStoreAddress.Parse(address) : null;
            }
            catch (FormatException e)
            {
                result.AddError($"--store: {e.Message}");
            }
        });
        var (postgres, json) = (ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command("store", "How many window rows a second a store takes from concurrent callers.")
        {
            rows, before, callers, rounds, store, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(parsed.GetValue(rows), parsed.GetValue(callers), parsed.GetValue(rounds)),
            parsed.GetValue(before), parsed.GetValue(store), parsed.GetValue(postgres), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        StoreRequest request, int before, string? address, string? postgres, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var report = new StoreReport(request, json);
        if (address is not null)
        {
            await MeasureAsync(address);
        }
        else
        {
            // Once in vain each: what is compiled and connected first would be counted against the empty store.
            await using (var database = await ScratchDatabase.CreateAsync(postgres))
            {
                await WarmUpAsync("postgres", $"postgres:{database.ConnectionString}");
            }

            await using (var database = await ScratchDatabase.CreateAsync(postgres))
            {
                await MeasureEmptyAndFullAsync("postgres", $"postgres:{database.ConnectionString}");
            }

            Directory.CreateDirectory(Scratch);
            try
            {
                await WarmUpAsync("sqlite", $"sqlite:{Path.Combine(Scratch, "warm-up.db")}");
                await MeasureEmptyAndFullAsync("sqlite", $"sqlite:{Path.Combine(Scratch, "windows.db")}");
            }
            finally
            {
                Directory.Delete(Scratch, recursive: true);
            }
        }

        report.End();
        return ExitCodes.Success;

        async Task WarmUpAsync(string name, string store)
        {
            await using var database = WindowStoreAddress.Parse(store).Open();
            await database.PrepareAsync(cancellationToken);
            await new StoreRun(database, $"{name}, to warm up", 0, request).RunAsync(progress, cancellationToken);
        }

        async Task MeasureEmptyAndFullAsync(string name, string store)
        {
            await using var database = WindowStoreAddress.Parse(store).Open();
            await database.PrepareAsync(cancellationToken);
            report.Add(await new StoreRun(database, name, 0, request).RunAsync(progress, cancellationToken));
            if (before > 0)
            {
                await StoreFill.RunAsync(database, before, progress, cancellationToken);
                report.Add(await new StoreRun(database, name, before, request).RunAsync(progress, cancellationToken));
            }
        }

        async Task MeasureAsync(string store)
        {
            await using var database = WindowStoreAddress.Parse(store).Open();
            await database.PrepareAsync(cancellationToken);
            report.Add(await new StoreRun(database, database.Description, null, request).RunAsync(progress, cancellationToken));
        }
    }
}
