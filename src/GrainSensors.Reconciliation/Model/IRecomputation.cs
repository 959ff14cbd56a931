using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Model;

/// <summary>An engine that computes windows from the log, with no code of the stream's.</summary>
public interface IRecomputation : IAsyncDisposable
{
    /// <summary><c>local</c> or <c>spark</c>.</summary>
    string Name { get; }

    /// <summary>Reads the log.</summary>
    /// <param name="run">Names the run for what is kept outside of this process.</param>
    /// <param name="letters">What the stream has rejected; the engine leaves it out.</param>
    Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets letters, CancellationToken cancellationToken);

    /// <returns>The windows of what was read, sorted by sensor, metric (by bytes) and start.</returns>
    IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken);
}

/// <summary>What an engine has read.</summary>
/// <param name="Readings">That fall into the range.</param>
/// <param name="Disagreements">Messages that engine and stream judge differently.</param>
public sealed record LogReading(long Readings, IReadOnlyList<ParseDisagreement> Disagreements)
{
    /// <summary>
    /// Partitions that retention has overtaken while they were read, each with the offset from which on the engine has
    /// everything: it may have left out more than the broker had dropped.
    /// </summary>
    public IReadOnlyDictionary<int, long> ReadFrom { get; init; } = new Dictionary<int, long>();
}

/// <param name="TakenByStream">The stream took it for a reading, and the engine did not; else the other way round.</param>
/// <param name="Why">What the one says that rejects it.</param>
public sealed record ParseDisagreement(LogPlace Place, bool TakenByStream, string Why);
