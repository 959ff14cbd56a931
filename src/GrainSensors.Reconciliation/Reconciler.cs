using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation;

/// <summary>
/// Runs a reconciliation: reads the log up to the checkpoints, recomputes the windows, compares, corrects, and stores the
/// findings.
/// </summary>
public sealed class Reconciler(IReadingLog log, IStore store, IRecomputation engine, TimeProvider clock)
{
    private const int RowsAtOnce = 500;

    /// <summary>Findings kept in memory for the report; the store has all of them.</summary>
    private const int ReportedFindings = 1000;

    private volatile LogPass? _pass;

    public ReconciliationProgress Progress => _pass?.Progress ?? default;

    /// <exception cref="Confluent.Kafka.KafkaException">Kafka does not answer.</exception>
    /// <exception cref="ReconciliationException">The engine failed.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<ReconciliationResult> RunAsync(ReconciliationRequest request, CancellationToken cancellationToken)
    {
        using var pass = new LogPass(log, store, engine, request);
        _pass = pass;
        var ranges = await pass.FindOffsetsAsync(cancellationToken);
        var run = new ReconciliationRun(
            Guid.CreateVersion7(clock.GetUtcNow()), engine.Name, request.Period, request.From, request.To, request.SensorIds,
            request.DryRun, ranges.Sources, EpochTime.Now(clock));
        await using var active = await store.Reconciliation.BeginRunAsync(run, cancellationToken);
        try
        {
            var result = await RunAsync(run, request, pass, ranges, cancellationToken);
            await store.Reconciliation.EndRunAsync(result.Run, cancellationToken);
            return result;
        }
        catch (Exception e) when (e is not WindowStoreUnavailableException)
        {
            // The row of the run must end too, for later readers of the table.
            var failure = cancellationToken.IsCancellationRequested ? "interrupted" : "could not run";
            await store.Reconciliation.EndRunAsync(
                run with { EndedAt = EpochTime.Now(clock), Failure = failure }, CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (EngineFailure.Describe(e) is { } described)
            {
                throw described;
            }

            throw;
        }
    }

    private async Task<ReconciliationResult> RunAsync(
        ReconciliationRun run, ReconciliationRequest request, LogPass pass, OffsetRanges.Ranges ranges,
        CancellationToken cancellationToken)
    {
        var (read, bounds, comparer) = await pass.ReadAsync(run, ranges, cancellationToken);
        var collector = new FindingsCollector(store, run.Id, ReportedFindings);
        await collector.AddAsync(
            read.Disagreements.Select(d => new ReconciliationFinding(FindingKind.Parse, null, null, null, d.Place, d.Why)),
            cancellationToken);
        await CompareAsync(run, request, pass, collector, comparer, cancellationToken);
        return new(
            run with { EndedAt = EpochTime.Now(clock), Counts = collector.Counts with { Readings = read.Readings } },
            collector.Findings,
            [.. bounds.OrderBy(bound => bound.Topic, StringComparer.Ordinal).ThenBy(bound => bound.Source.Partition)], collector.Skipped,
            ranges.Sources.Count < log.Topics.Sum(topic => topic.Partitions));
    }

    private async Task CompareAsync(
        ReconciliationRun run, ReconciliationRequest request, LogPass pass, FindingsCollector collector, WindowComparer comparer,
        CancellationToken cancellationToken)
    {
        var correction = new Correction(store, run.Id, run.Sources);
        var wrong = new List<(ReconciliationFinding Finding, WindowRow? Stored)>(RowsAtOnce);
        await foreach (var pair in pass.PairsAsync(withDetails: request.HasSketches, cancellationToken))
        {
            var (verdict, finding) = comparer.Of(pair);
            collector.Count(verdict, pair);
            if (verdict is not (WindowComparer.Verdict.Wrong or WindowComparer.Verdict.Disputed))
            {
                continue;
            }

            wrong.Add((finding!, pair.Stored));
            if (wrong.Count == RowsAtOnce)
            {
                await CorrectAsync();
            }
        }

        await CorrectAsync();

        async Task CorrectAsync()
        {
            await collector.AddAsync(
                request.DryRun ? wrong.Select(w => w.Finding) : await correction.ApplyAsync(wrong, cancellationToken), cancellationToken);
            wrong.Clear();
        }
    }
}
