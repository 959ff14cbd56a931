using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Invocation;
using GrainSensors.Reconciliation;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Names;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Reconcile;

/// <summary>Runs one reconciliation.</summary>
internal sealed class ReconcileRun(PipelineSettings settings, ReconcileOptions options, TimeProvider clock)
{
    /// <exception cref="UsageException">The reconciliation cannot run, or it was interrupted.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        settings.Kafka.RequireAddress();
        await using var store = StoreFactory.Open(settings);

        // Reading first refuses a missing store. PrepareAsync would create one, which would look as if all windows were lost.
        await store.ReadCheckpointAsync(default, cancellationToken);
        await store.PrepareAsync(cancellationToken);
        var readers = await LogReaders.OpenAsync(settings.Kafka, settings.SourceTopics);
        var log = new PipelineLog(readers, settings.SourceTopics);
        await using var engine = ReconcileEngines.Create(settings, options, log, store.Names);
        var sensors = await store.Names.WithNumbersAsync(options.Sensors, cancellationToken);
        if (sensors.FirstOrDefault(sensor => sensor.Id == SensorName.NoNumber) is { Name: { } unknown })
        {
            throw new UsageException($"No sensor has the name \"{unknown}\"; names are compared letter by letter.");
        }

        var request = await RequestAsync(store, [.. sensors.Select(sensor => sensor.Id)], cancellationToken);
        Confirmation.Announce(
            $"{(request.DryRun ? "Comparing" : "Correcting")} windows of {store.Description} that start from "
            + $"{EpochTime.ToIso8601(request.From)} to {EpochTime.ToIso8601(request.To)}, by the readings in "
            + $"{TopicsOf(log)} of Kafka {settings.Kafka.BootstrapServers}");
        try
        {
            var reconciler = new Reconciler(log, store, engine, clock);
            var run = readers.GuardAsync(() => reconciler.RunAsync(request, cancellationToken));
            var result = await new ReconcileProgress(clock).ShowAsync(run, () => reconciler.Progress);
            var longer = await CheckLongerAsync(store, request, cancellationToken);
            var names = await store.Names.NamesAmongAsync(
                [.. longer.Differing.Select(window => window.SensorId),
                .. result.Findings.Select(finding => finding.Key?.SensorId ?? 0), .. request.SensorIds ?? []], cancellationToken);
            var report = new ReconcileReport(result, longer, store.Description, settings.Kafka, names);
            Console.WriteLine(options.Json ? JsonOutput.Of(report.ToJson()) : report.ToText());
            return result.Run.Counts.Findings + longer.Differing.Count == 0 ? ExitCodes.Success : ExitCodes.SomethingWrong;
        }
        catch (OperationCanceledException e)
        {
            throw new UsageException("Interrupted. Corrections so far are kept; run the command again for the rest.", e);
        }
        catch (ReconciliationException e)
        {
            throw e.ToUsage();
        }
    }

    /// <summary>Compares the longer windows, and merges those again that differ, or whose panes did.</summary>
    private async Task<LongerWindowsResult> CheckLongerAsync(
        IStore store, ReconciliationRequest request, CancellationToken cancellationToken)
    {
        var now = EpochTime.Now(clock);
        var result = await new LongerWindowCheck(store).RunAsync(
            request.SensorIds, request.From, request.To, request.DryRun, cancellationToken);
        if (!request.DryRun)
        {
            // What is left to a pipeline that runs meanwhile is merged by it.
            var merger = new WindowMerger(store.MergedWindows, Random.Shared.NextInt64);
            var ended = now - EpochTime.From(settings.Ingest.Grace);
            await store.MergedWindows.TryRunAsync(() => merger.MergeAsync(ended, EpochTime.Min, cancellationToken), cancellationToken);
        }

        return result;
    }

    private static string TopicsOf(PipelineLog log) => log.Topics.Count == 1
        ? $"topic {log.Topics[0].Name}"
        : $"{log.Topics.Count} topics, {log.Topics[0].Name} and those of sources,";

    private async Task<ReconciliationRequest> RequestAsync(
        IStore store, IReadOnlyList<int> sensorIds, CancellationToken cancellationToken)
    {
        var period = settings.Ingest.Period;
        var (from, to) = ReconciliationRequest.Align(period, options.From, options.To);
        if (from >= to)
        {
            throw new UsageException(
                $"No window of {period} starts from {EpochTime.ToIso8601(options.From)} to {EpochTime.ToIso8601(options.To)}; "
                + "give a longer range or a shorter --period.");
        }

        return await ReconcileRequest.CreateAsync(settings, store, from, to, EpochTime.Now(clock), cancellationToken) with
        {
            SensorIds = sensorIds.Count == 0 ? null : sensorIds,
            DryRun = options.DryRun,
            WholeLog = options.WholeLog,
        };
    }
}
