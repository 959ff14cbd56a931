using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>Reads the log as the local engine does, and gives windows with what SQL cannot compute.</summary>
/// <param name="names">The numbers of names; null: no sensor has a name.</param>
public sealed class FoldingEngine(IReadingLog log, ISensorNames? names, LocalEngineOptions options) : IRecomputation
{
    private readonly LocalEngine _engine = new(log, names, options);

    public string Name => _engine.Name;

    public bool KnowsDiscovered => _engine.KnowsDiscovered;

    public bool KnowsVersions => _engine.KnowsVersions;

    public long Read => _engine.Read;

    public Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken) =>
        _engine.ReadAsync(run, request, ranges, deadLetters, cancellationToken);

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken)
    {
        var measurements = new KeptStatistics(request).Measurements;
        return measurements.Count == 0
            ? AsyncEnumerable.Empty<RecomputedWindow>()
            : ValueFold.FoldAsync(_engine.ValuesAsync(request, measurements, cancellationToken), measurements, cancellationToken);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
