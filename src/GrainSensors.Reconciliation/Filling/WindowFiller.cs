using GrainSensors.Core.Time;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>
/// Fills statistics that were configured after windows had been counted, from the readings in the log. A row is filled if its readings
/// are all in the log, or else stays without: part of the values would pass for all of them. Silos may run; a fill that ends at any point
/// can be repeated.
/// </summary>
/// <param name="engine">Its windows have the statistics: <see cref="FoldingEngine"/>.</param>
public sealed class WindowFiller(IReadingLog log, IStore store, IRecomputation engine, TimeProvider clock)
{
    private const int RowsAtOnce = 500;

    private volatile LogPass? _pass;

    public ReconciliationProgress Progress => _pass?.Progress ?? default;

    /// <param name="request">The windows; those that are not final or lack nothing stay as they are.</param>
    /// <exception cref="Confluent.Kafka.KafkaException">Kafka does not answer.</exception>
    /// <exception cref="ReconciliationException">The engine failed.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<FillResult> RunAsync(ReconciliationRequest request, CancellationToken cancellationToken)
    {
        var kept = new KeptStatistics(request);
        if (await FindAsync(request, kept, cancellationToken) is not var (first, last))
        {
            return new(null, 0, []);
        }

        request = request with { From = first, To = last + request.Period.TotalMicros };
        using var pass = new LogPass(log, store, engine, request);
        _pass = pass;
        try
        {
            var ranges = await pass.FindOffsetsAsync(cancellationToken);
            var run = new ReconciliationRun(
                Guid.CreateVersion7(clock.GetUtcNow()), engine.Name, request.Period, request.From, request.To, request.SensorIds,
                request.DryRun, ranges.Sources, EpochTime.Now(clock));
            var (_, _, comparer) = await pass.ReadAsync(run, ranges, cancellationToken);
            if (!request.DryRun && request.HasSketches)
            {
                await store.Backfill.PrepareSketchesAsync(request.Period, first, last, cancellationToken);
            }

            return await FillAsync(request, kept, pass, comparer, cancellationToken) with { Range = (first, last) };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && EngineFailure.Describe(e) is { } described)
        {
            throw described;
        }
    }

    /// <returns>The starts of the first and of the last window that lacks a statistic; null: none does.</returns>
    private async Task<(long First, long Last)?> FindAsync(
        ReconciliationRequest request, KeptStatistics kept, CancellationToken cancellationToken)
    {
        (long First, long Last)? range = null;
        var query = new WindowQuery(request.From, request.To, request.SensorIds, request.Period, WithDetails: true);
        await foreach (var row in store.QueryAsync(query, cancellationToken))
        {
            if (kept.IsMissing(row))
            {
                var start = row.Key.Start;
                range = range is var (first, last) ? (Math.Min(first, start), Math.Max(last, start)) : (start, start);
            }
        }

        return range;
    }

    private async Task<FillResult> FillAsync(
        ReconciliationRequest request, KeptStatistics kept, LogPass pass, WindowComparer comparer, CancellationToken cancellationToken)
    {
        var (filled, tally, rows) = (0L, new UnfilledTally(), new FilledRows(store, kept));
        var confirmed = new List<WindowPairs.Pair>(RowsAtOnce);
        await foreach (var pair in pass.PairsAsync(withDetails: true, cancellationToken))
        {
            if (pair.Stored is not { } row || !kept.IsMissing(row))
            {
                continue;
            }

            if (!comparer.Confirms(pair))
            {
                tally.Add(comparer.Of(pair).Verdict, pair.Key);
                continue;
            }

            confirmed.Add(pair);
            if (confirmed.Count == RowsAtOnce)
            {
                await WriteAsync();
            }
        }

        await WriteAsync();
        return new(null, filled, tally.Unfilled);

        async Task WriteAsync()
        {
            var reasons = request.DryRun || confirmed.Count == 0
                ? new UnfilledReason?[confirmed.Count]
                : await rows.WriteAsync(confirmed, cancellationToken);
            for (var i = 0; i < reasons.Length; i++)
            {
                if (reasons[i] is { } reason)
                {
                    tally.Add(reason, confirmed[i].Key);
                }
                else
                {
                    filled++;
                }
            }

            confirmed.Clear();
        }
    }
}
