using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;

namespace GrainSensors.Migrate;

/// <summary><c>migrate</c>: brings the schema of the store up to date, as every silo does at its start.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var store = CommonOptions.Store("The store [default: sqlite:data/grainsensors.db]");
        var period = CommonOptions.Period();
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the steps without running them" };
        var command = new Command(
            "migrate",
            """
            Bring the schema of the store up to date

              grainsensors migrate --store "postgres:Host=localhost;Database=sensors" --dry-run

            The command drops nothing. It adopts a database of the old pipeline: the table sensor_temperatures becomes
            sensor_temperatures_legacy, and the view sensor_temperatures shows its rows together with the new ones. It
            is safe to run twice, and from two places at the same time.
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
        var plan = await store.PlanAsync(cancellationToken);
        if (!dryRun)
        {
            Confirmation.Announce($"Migrating {store.Description}");
            await store.PrepareAsync(cancellationToken);
            await store.SetPeriodAsync(settings.Periods.Contract, cancellationToken);
        }

        foreach (var step in plan)
        {
            Console.WriteLine(step);
        }

        Console.WriteLine(plan.Count == 0 ? $"{store.Description} is up to date."
            : dryRun ? "Dry run: nothing was changed."
            : $"{store.Description} is now up to date.");
        return ExitCodes.Success;
    }
}
