using System.Runtime.CompilerServices;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>An engine that writes rows between the comparison and the correction.</summary>
internal sealed class InterferingEngine(IRecomputation engine, Func<Task> write) : IRecomputation
{
    public string Name => engine.Name;

    public bool KnowsDiscovered => engine.KnowsDiscovered;

    public long Read => engine.Read;

    public Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken) =>
        engine.ReadAsync(run, request, ranges, deadLetters, cancellationToken);

    public async IAsyncEnumerable<RecomputedWindow> WindowsAsync(
        ReconciliationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var window in engine.WindowsAsync(request, cancellationToken))
        {
            yield return window;
        }

        await write();
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
