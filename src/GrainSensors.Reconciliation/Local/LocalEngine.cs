using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Local;

/// <summary>
/// Recomputes windows in this process: loads the readings from Kafka into DuckDB, which runs the definition of the windows.
/// </summary>
/// <param name="names">The numbers of names; null: no sensor has a name.</param>
public sealed class LocalEngine(IReadingLog log, ISensorNames? names, LocalEngineOptions options) : IRecomputation
{
    private DuckReadings? _readings;
    private ReadingCollector? _collector;

    public string Name => "local";

    public bool KnowsDiscovered => true;

    public bool KnowsVersions => true;

    public long Read => _collector?.Messages ?? 0;

    public Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.Folder, $"grainsensors-reconcile-{Guid.NewGuid():N}");
        _readings = new(Directory.CreateDirectory(folder).FullName, options.Memory, request.Measurements.Count);

        _collector = new(log, names, request, new(deadLetters, "the engine"));

        // The consumer blocks while it waits for the broker, so it gets a thread of its own.
        return Task.Factory.StartNew(ReadAll, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        LogReading ReadAll()
        {
            using var loading = _readings.Load();
            return _collector.Collect(log.Topics, ranges, loading.Add, cancellationToken);
        }
    }

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
        _readings!.WindowsAsync(RequestedWindows.Statement(request, discovered: true), cancellationToken);

    /// <param name="measurements">The names of the measurements. At least one is declared or discovered.</param>
    /// <returns>The values that count, sorted by sensor, place of the measurement in the list and start of the window.</returns>
    internal IAsyncEnumerable<WindowValue> ValuesAsync(
        ReconciliationRequest request, IReadOnlyList<string> measurements, CancellationToken cancellationToken) =>
        _readings!.ValuesAsync(RequestedWindows.ValuesStatement(request, measurements), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _readings?.Dispose();
        return default;
    }
}
