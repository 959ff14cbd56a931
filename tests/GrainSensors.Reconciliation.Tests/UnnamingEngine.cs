using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>An engine that does not know sensors with names, as Spark.</summary>
internal sealed class UnnamingEngine(IRecomputation engine) : IRecomputation
{
    public string Name => engine.Name;

    public bool KnowsNames => false;

    public bool KnowsDiscovered => engine.KnowsDiscovered;

    public long Read => engine.Read;

    public Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken) =>
        engine.ReadAsync(run, request, ranges, deadLetters, cancellationToken);

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
        engine.WindowsAsync(request, cancellationToken).Where(window => !SensorName.IsNumber(window.SensorId));

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
