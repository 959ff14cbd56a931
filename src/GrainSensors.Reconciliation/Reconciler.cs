using DuckDB.NET.Data;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Reconciliation;

/// <summary>One run: reads the log up to the checkpoints, recomputes the windows, compares, corrects, and keeps what it found.</summary>
public sealed class Reconciler(IReadingLog log, IStore store, IRecomputation engine, TimeProvider clock)
{
    private const int RowsAtOnce = 500;

    /// <summary>So many findings are kept in memory for people; the others are in the store only.</summary>
    private const int FindingsForPeople = 1000;

    /// <exception cref="Confluent.Kafka.KafkaException">Kafka does not answer.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<ReconciliationResult> RunAsync(ReconciliationRequest request, CancellationToken cancellationToken)
    {
        using var survey = new OffsetRanges(log);
        var ranges = await survey.FindAsync(store, request, cancellationToken);
        var run = new ReconciliationRun(
            Guid.CreateVersion7(clock.GetUtcNow()), engine.Name, request.Period, request.From, request.To, request.SensorIds, request.DryRun,
            ranges.Sources, EpochTime.Now(clock));
        await store.Reconciliation.WriteRunAsync(run, cancellationToken);
        try
        {
            var result = await RunAsync(run, request, survey, ranges, cancellationToken);
            await store.Reconciliation.WriteRunAsync(result.Run, cancellationToken);
            return result;
        }
        catch (Exception e) when (e is not WindowStoreUnavailableException)
        {
            // What is kept is for whoever looks at the runs later.
            await store.Reconciliation.WriteRunAsync(
                run with { EndedAt = EpochTime.Now(clock), Failure = e is OperationCanceledException ? "interrupted" : "could not run" }, CancellationToken.None);
            if (Describe(e) is { } sentence)
            {
                throw new ReconciliationException(sentence, e);
            }

            throw;
        }
    }

    /// <returns>Null: whoever has called says it.</returns>
    private static string? Describe(Exception e) => e switch
    {
        DuckDBException => $"The local engine could not go on: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; give it more room with --memory or --temp.",
        NpgsqlException => $"The staging tables could not be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
        _ => null,
    };

    private async Task<ReconciliationResult> RunAsync(
        ReconciliationRun run, ReconciliationRequest request, OffsetRanges survey, OffsetRanges.Ranges ranges, CancellationToken cancellationToken)
    {
        var parser = new ContractParser(request.Measurements, request.Earliest);
        var letters = await Task.Run(() => DeadLetterOffsets.Read(log, parser, cancellationToken), cancellationToken);
        var read = await engine.ReadAsync(run, request, ranges.Sources, letters, cancellationToken);
        var reaches = await Task.Run(() => survey.Reach(ranges.Sources, read.ReadFrom, cancellationToken), cancellationToken);

        var tally = new FindingsCollector(store, run.Id, FindingsForPeople);
        await tally.AddAsync(
            read.Disagreements.Select(d => new ReconciliationFinding(FindingKind.Parse, null, null, null, d.Place, d.Why)), cancellationToken);
        var judge = new WindowComparer(request, log.TopicId, ranges, reaches);
        var correction = new Correction(store, run.Id, ranges.Sources);
        var wrong = new List<(ReconciliationFinding Finding, WindowRow? Stored)>(RowsAtOnce);
        var query = new WindowQuery(request.From, request.To, request.SensorIds, request.Period);
        var pairs = WindowPairs.JoinAsync(
            engine.WindowsAsync(request, cancellationToken), store.QueryAsync(query, cancellationToken), request.Period, cancellationToken);
        await foreach (var pair in pairs)
        {
            var (verdict, finding) = judge.Of(pair);
            tally.Count(verdict, pair.Key);
            if (verdict != WindowComparer.Verdict.Wrong)
            {
                continue;
            }

            wrong.Add((finding!, pair.Stored));
            if (wrong.Count == RowsAtOnce)
            {
                await SettleAsync();
            }
        }

        await SettleAsync();
        return new(
            run with { EndedAt = EpochTime.Now(clock), Counts = tally.Counts with { Readings = read.Readings } },
            tally.Findings, [.. reaches.OrderBy(reach => reach.Source.Partition)], tally.Skipped, ranges.Sources.Count < log.Partitions);

        async Task SettleAsync()
        {
            await tally.AddAsync(
                request.DryRun ? wrong.Select(w => w.Finding) : await correction.ApplyAsync(wrong, cancellationToken), cancellationToken);
            wrong.Clear();
        }
    }
}

/// <summary>What came out of a run.</summary>
/// <param name="Findings">The first of them.</param>
/// <param name="Reaches">Sources that have lost their beginning to retention.</param>
/// <param name="Skipped">What was not judged, by the reason.</param>
/// <param name="HasUnreadPartitions">There are partitions that the stream has no checkpoint for yet.</param>
public sealed record ReconciliationResult(
    ReconciliationRun Run,
    IReadOnlyList<ReconciliationFinding> Findings,
    IReadOnlyList<RetentionBound> Reaches,
    IReadOnlyList<SkippedWindows> Skipped,
    bool HasUnreadPartitions);

/// <summary>Rows that were not judged.</summary>
/// <param name="FirstStart">Of the earliest window, µs since the epoch.</param>
/// <param name="LastStart">Of the latest window, µs since the epoch.</param>
public sealed record SkippedWindows(SkipReason Reason, long Rows, long FirstStart, long LastStart);

public enum SkipReason
{
    Open = 0,
    Touched,
    BeyondLog,
    NotOurs,
}
