using DuckDB.NET.Data;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Versions;
using GrainSensors.Storage.Windows;
using Npgsql;

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

    private volatile ReconciliationStep _step;
    private long _messages;
    private long _compared;

    public ReconciliationProgress Progress => _step switch
    {
        ReconciliationStep.ReadingMessages => new(_step, engine.Read, Volatile.Read(ref _messages)),
        ReconciliationStep.Comparing => new(_step, Volatile.Read(ref _compared), 0),
        var step => new(step, 0, 0),
    };

    /// <exception cref="Confluent.Kafka.KafkaException">Kafka does not answer.</exception>
    /// <exception cref="ReconciliationException">The engine failed.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<ReconciliationResult> RunAsync(ReconciliationRequest request, CancellationToken cancellationToken)
    {
        using var offsets = new OffsetRanges(log);
        using var schemas = new SourceSchemas();
        var parsers = log.Topics.ToDictionary(topic => topic, topic => new MessageParsers(topic, request, schemas));
        var ranges = await offsets.FindAsync(store, request, IsKnown, cancellationToken);
        var run = new ReconciliationRun(
            Guid.CreateVersion7(clock.GetUtcNow()), engine.Name, request.Period, request.From, request.To, request.SensorIds,
            request.DryRun, ranges.Sources, EpochTime.Now(clock));
        await using var active = await store.Reconciliation.BeginRunAsync(run, cancellationToken);
        try
        {
            var result = await RunAsync(run, request, offsets, ranges, cancellationToken);
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
            if (Describe(e) is { } described)
            {
                throw described;
            }

            throw;
        }

        bool IsKnown(LogTopic topic, MessageVersion version) => topic.Source is null && !engine.KnowsVersions
            ? parsers[topic].IsPresent(version)
            : parsers[topic].Of(version) is not null;
    }

    /// <returns>The exception for the caller; null if the original one already describes the failure.</returns>
    private static ReconciliationException? Describe(Exception e) => e switch
    {
        DuckDBException => new($"The local engine failed: {OneLine(e.Message)}.", ReconciliationFault.LocalEngineFailed, e),
        NpgsqlException => new($"The staging tables could not be read: {OneLine(e.Message)}.", e),
        _ => null,
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.');

    private async Task<ReconciliationResult> RunAsync(
        ReconciliationRun run, ReconciliationRequest request, OffsetRanges offsets, OffsetRanges.Ranges ranges,
        CancellationToken cancellationToken)
    {
        var parser = new ContractParser(request);
        _step = ReconciliationStep.ReadingDeadLetters;
        var deadLetters = await Task.Run(() => DeadLetterReader.Read(log, parser, cancellationToken), cancellationToken);
        Volatile.Write(ref _messages, ranges.Sources.Sum(range => range.End - range.Begin));
        _step = ReconciliationStep.ReadingMessages;
        var read = await engine.ReadAsync(run, request, ranges.Sources, deadLetters, cancellationToken);
        var bounds = await Task.Run(() => offsets.FindBounds(ranges.Sources, read.ReadFrom, cancellationToken), cancellationToken);

        _step = ReconciliationStep.Comparing;
        var collector = new FindingsCollector(store, run.Id, ReportedFindings);
        await collector.AddAsync(
            read.Disagreements.Select(d => new ReconciliationFinding(FindingKind.Parse, null, null, null, d.Place, d.Why)),
            cancellationToken);
        var disputed = new DisputedWindows(read, request, log.Topics);
        var comparer = new WindowComparer(
            request, log.Topics, ranges, bounds, disputed, engine.KnowsDiscovered, read.Ambiguous);
        await CompareAsync(run, request, collector, comparer, cancellationToken);
        return new(
            run with { EndedAt = EpochTime.Now(clock), Counts = collector.Counts with { Readings = read.Readings } },
            collector.Findings,
            [.. bounds.OrderBy(bound => bound.Topic, StringComparer.Ordinal).ThenBy(bound => bound.Source.Partition)], collector.Skipped,
            ranges.Sources.Count < log.Topics.Sum(topic => topic.Partitions));
    }

    private async Task CompareAsync(
        ReconciliationRun run, ReconciliationRequest request, FindingsCollector collector, WindowComparer comparer,
        CancellationToken cancellationToken)
    {
        var correction = new Correction(store, run.Id, run.Sources);
        var wrong = new List<(ReconciliationFinding Finding, WindowRow? Stored)>(RowsAtOnce);
        var query = new WindowQuery(request.From, request.To, request.SensorIds, request.Period);
        var pairs = WindowPairs.JoinAsync(
            engine.WindowsAsync(request, cancellationToken), store.QueryAsync(query, cancellationToken), request.Period, cancellationToken);
        await foreach (var pair in pairs)
        {
            Volatile.Write(ref _compared, _compared + 1);
            var (verdict, finding) = comparer.Of(pair);
            collector.Count(verdict, pair.Key);
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
