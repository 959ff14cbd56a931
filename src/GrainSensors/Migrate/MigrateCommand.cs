using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Migrate;

/// <summary><c>migrate</c>: brings the schema of the store up to date. Every silo does so at its start, too.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var store = CommonOptions.Store("The store [default: sqlite:data/grainsensors.db]");
        var period = CommonOptions.Period();
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be done, and do nothing" };
        var command = new Command(
            "migrate",
            """
            Bring the schema of the store up to date; nothing is ever dropped.

            A database of the old pipeline is adopted: its table sensor_temperatures becomes sensor_temperatures_legacy, and
            the view sensor_temperatures shows its rows beside the new ones. Safe to run twice, and from two places at once.
            """)
        {
            store, period, dryRun,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            PipelineSettings.Load(CommonOptions.Overrides(("Store", result.GetValue(store)), ("Period", result.GetValue(period)))),
            result.GetValue(dryRun),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(PipelineSettings settings, bool dryRun, CancellationToken cancellationToken)
    {
        await using var store = StoreFactory.Open(settings);
        try
        {
            var plan = await store.PlanAsync(cancellationToken);
            if (!dryRun)
            {
                await store.PrepareAsync(cancellationToken);
                await store.SetPeriodAsync(settings.Ingest.Period, cancellationToken);
            }

            foreach (var step in plan)
            {
                Console.WriteLine(step);
            }

            Console.WriteLine(plan.Count == 0 ? $"{store.Description} is up to date."
                : dryRun ? "Nothing was done: this was a dry run."
                : $"{store.Description} is up to date now.");
            return ExitCodes.Success;
        }
        catch (WindowStoreUnavailableException e)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
