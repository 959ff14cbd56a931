using GrainSensors.Core.Merging;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Merging;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Recompute;

/// <summary>Fills one period.</summary>
internal sealed class RecomputeRun(PipelineSettings settings, TimeProvider clock)
{
    /// <exception cref="UsageException">The period cannot be filled, or the command was interrupted.</exception>
    public async Task<int> RunAsync(RecomputeOptions options, CancellationToken cancellationToken)
    {
        await using var store = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
        var longer = await RequirePeriodAsync(store, options.Period!, cancellationToken);
        Confirmation.Announce(
            $"{(options.DryRun ? "Counting missing" : "Filling")} windows of {longer.Period} in {store.Description} from those of "
            + $"{longer.Source}");
        try
        {
            var backfill = new WindowBackfill(
                store.Backfill, store.MergedWindows, settings.StoreOptions, settings.Ingest.Grace, clock);
            var result = await backfill.RunAsync(longer, options.From, options.To, options.DryRun, cancellationToken);
            var report = new RecomputeReport(result, longer, options.DryRun, store.Description);
            Console.WriteLine(options.Json ? JsonOutput.Of(report.ToJson()) : report.ToText());
            return result.Unreached > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
        }
        catch (OperationCanceledException e)
        {
            throw new UsageException("Interrupted. Windows so far are kept; run the command again for the rest.", e);
        }
    }

    private async Task<LongerPeriod> RequirePeriodAsync(IStore store, WindowPeriod period, CancellationToken cancellationToken)
    {
        var configured = await store.Backfill.ReadPeriodsAsync(cancellationToken);
        if (configured.FirstOrDefault(longer => longer.Period.Equals(period)) is { } found)
        {
            return found;
        }

        var names = string.Join(", ", configured.Select(longer => longer.Period).OrderBy(known => known.Size));
        var pane = configured.FirstOrDefault(longer => !longer.IsChained)?.Source ?? new(settings.Periods.Pane);
        throw new UsageException(
            period.Equals(pane)
                ? $"Windows of {pane} are counted from readings, so there is nothing to merge them from. `grainsensors reconcile` "
                + "recomputes them from the log."
                : (configured.Count == 0
                    ? $"{store.Description} has no longer periods; got --period {period}. "
                    : $"--period must be one of {names}; got {period}. ")
                + "Add the period to Periods, and start a silo or `run` with it first.");
    }
}
