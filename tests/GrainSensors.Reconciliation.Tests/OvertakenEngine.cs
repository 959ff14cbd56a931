using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>An engine that reports an offset from which it has read the first partition completely.</summary>
internal sealed class OvertakenEngine(IRecomputation engine, SourceId source, long from) : IRecomputation
{
    public string Name => engine.Name;

    public bool KnowsDiscovered => engine.KnowsDiscovered;

    public bool KnowsVersions => engine.KnowsVersions;

    public long Read => engine.Read;

    public async Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken) =>
        (await engine.ReadAsync(run, request, ranges, deadLetters, cancellationToken)) with
        {
            ReadFrom = new Dictionary<SourceId, long> { [source] = from },
        };

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
        engine.WindowsAsync(request, cancellationToken);

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
