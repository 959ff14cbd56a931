using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Invocation;
using GrainSensors.Reconcile;
using GrainSensors.Reconciliation.Filling;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Recompute;

/// <summary>Fills the statistics that windows lack because they were counted before.</summary>
internal sealed class StatisticsRun(PipelineSettings settings, TimeProvider clock)
{
    /// <exception cref="UsageException">The fill cannot run, or it was interrupted.</exception>
    public async Task<int> RunAsync(RecomputeOptions options, CancellationToken cancellationToken)
    {
        settings.Kafka.RequireAddress();
        await using var store = await StoreFactory.OpenExistingAsync(settings, cancellationToken);

        // Reading first refuses a store without tables, which would look as if it lacked nothing.
        await store.ReadCheckpointAsync(default, cancellationToken);
        if (!options.DryRun)
        {
            await store.PrepareAsync(cancellationToken);
        }

        var readers = await LogReaders.OpenAsync(settings.Kafka, settings.SourceTopics);
        var log = new PipelineLog(readers, settings.SourceTopics);
        var now = EpochTime.Now(clock);
        var request = await ReconcileRequest.CreateAsync(
            settings, store, options.From ?? EpochTime.Min, Math.Min(options.To ?? now, now), now, cancellationToken) with
        {
            DryRun = options.DryRun,
        };
        Confirmation.Announce(
            $"{(options.DryRun ? "Comparing" : "Filling statistics of")} windows of {request.Period} in {store.Description} "
            + $"{(options.DryRun ? "with" : "from")} the readings of Kafka {settings.Kafka.BootstrapServers}");
        await using var engine = new FoldingEngine(log, store.Names, new(Path.GetTempPath()));
        var filler = new WindowFiller(log, store, engine, clock);
        try
        {
            var run = readers.GuardAsync(() => filler.RunAsync(request, cancellationToken));
            var result = await new ReconcileProgress(clock).ShowAsync(run, () => filler.Progress);
            var report = new StatisticsReport(result, request.Period, options.DryRun, store.Description);
            Console.WriteLine(options.Json ? JsonOutput.Of(report.ToJson()) : report.ToText());
            return result.NotFilled > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
        }
        catch (OperationCanceledException e)
        {
            throw new UsageException("Interrupted. Statistics so far are kept; run the command again for the rest.", e);
        }
        catch (ReconciliationException e)
        {
            throw new UsageException(
                e.Fault == ReconciliationFault.LocalEngineFailed
                    ? $"{e.Message} Name a folder with more space in TMPDIR, or a shorter range with --from and --to."
                    : e.Message,
                e);
        }
    }
}
