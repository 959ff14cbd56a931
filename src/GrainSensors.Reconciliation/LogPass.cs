using System.Runtime.CompilerServices;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Versions;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation;

/// <summary>One pass over the log: finds the offsets, lets the engine read them, and joins its windows with the stored rows.</summary>
internal sealed class LogPass(IReadingLog log, IStore store, IRecomputation engine, ReconciliationRequest request) : IDisposable
{
    private readonly OffsetRanges _offsets = new(log);

    private volatile ReconciliationStep _step;
    private long _messages;
    private long _compared;

    /// <summary>What is known after the log is read.</summary>
    /// <param name="Bounds">The sources that have lost their beginning.</param>
    /// <param name="Comparer">Judges the rows.</param>
    public sealed record Outcome(LogReading Reading, IReadOnlyList<RetentionBound> Bounds, WindowComparer Comparer);

    public ReconciliationProgress Progress => _step switch
    {
        ReconciliationStep.ReadingMessages => new(_step, engine.Read, Volatile.Read(ref _messages)),
        ReconciliationStep.Comparing => new(_step, Volatile.Read(ref _compared), 0),
        var step => new(step, 0, 0),
    };

    /// <inheritdoc cref="OffsetRanges.FindAsync"/>
    public async Task<OffsetRanges.Ranges> FindOffsetsAsync(CancellationToken cancellationToken)
    {
        using var schemas = new SourceSchemas();
        var parsers = log.Topics.ToDictionary(topic => topic, topic => new MessageParsers(topic, request, schemas));
        return await _offsets.FindAsync(store, request, IsKnown, cancellationToken);

        bool IsKnown(LogTopic topic, MessageVersion version) => topic.Source is null && !engine.KnowsVersions
            ? parsers[topic].IsPresent(version)
            : parsers[topic].Of(version) is not null;
    }

    /// <exception cref="Confluent.Kafka.KafkaException">Kafka does not answer.</exception>
    public async Task<Outcome> ReadAsync(ReconciliationRun run, OffsetRanges.Ranges ranges, CancellationToken cancellationToken)
    {
        var parser = new ContractParser(request);
        _step = ReconciliationStep.ReadingDeadLetters;
        var deadLetters = await Task.Run(() => DeadLetterReader.Read(log, parser, cancellationToken), cancellationToken);
        Volatile.Write(ref _messages, ranges.Sources.Sum(range => range.End - range.Begin));
        _step = ReconciliationStep.ReadingMessages;
        var read = await engine.ReadAsync(run, request, ranges.Sources, deadLetters, cancellationToken);
        var bounds = await Task.Run(() => _offsets.FindBounds(ranges.Sources, read.ReadFrom, cancellationToken), cancellationToken);

        _step = ReconciliationStep.Comparing;
        var disputed = new DisputedWindows(read, request, log.Topics);
        return new(read, bounds, new(request, log.Topics, ranges, bounds, disputed, engine.KnowsDiscovered, read.Ambiguous));
    }

    /// <returns>The windows of the engine and the stored rows of the request, by key.</returns>
    /// <param name="withDetails">See <see cref="WindowQuery"/>.</param>
    public async IAsyncEnumerable<WindowPairs.Pair> PairsAsync(
        bool withDetails, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new WindowQuery(request.From, request.To, request.SensorIds, request.Period, withDetails);
        var pairs = WindowPairs.JoinAsync(
            engine.WindowsAsync(request, cancellationToken), store.QueryAsync(query, cancellationToken), request.Period, cancellationToken);
        await foreach (var pair in pairs)
        {
            Volatile.Write(ref _compared, _compared + 1);
            yield return pair;
        }
    }

    public void Dispose() => _offsets.Dispose();
}
