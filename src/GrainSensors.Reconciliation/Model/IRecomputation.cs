using GrainSensors.Core.Windows;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Model;

/// <summary>An engine that recomputes windows from the log and shares no code with the stream.</summary>
public interface IRecomputation : IAsyncDisposable
{
    /// <summary>The name of the engine: <c>local</c> or <c>spark</c>.</summary>
    string Name { get; }

    /// <summary>Whether the engine recomputes measurements that are not declared; rows of others are not compared.</summary>
    bool KnowsDiscovered => false;

    /// <summary>
    /// Whether the engine reads messages of the topic of readings as earlier configurations did; windows with such messages are not
    /// compared otherwise.
    /// </summary>
    bool KnowsVersions => false;

    /// <summary>The number of messages read so far; 0 if the engine does not count them.</summary>
    long Read { get; }

    /// <summary>Reads the log.</summary>
    /// <param name="run">The run; its id marks rows that the engine keeps outside of this process.</param>
    /// <param name="deadLetters">The messages that the stream rejected; the engine skips them.</param>
    Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken);

    /// <returns>The recomputed windows, sorted by sensor, measurement (by bytes) and start.</returns>
    IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken);
}

/// <summary>The result of reading the log.</summary>
/// <param name="Readings">The number of readings in the requested range.</param>
/// <param name="Disagreements">Messages that the stream and the engine classify differently.</param>
public sealed record LogReading(long Readings, IReadOnlyList<ParseDisagreement> Disagreements)
{
    /// <summary>There are more disagreements than the list holds, in unknown windows.</summary>
    public bool HasMoreDisagreements { get; init; }

    /// <summary>Windows with a message that means different things to two configurations, which both may have read it.</summary>
    public IReadOnlySet<(int SensorId, long Start)> Ambiguous { get; init; } = new HashSet<(int, long)>();

    /// <summary>
    /// Partitions in which retention overtook the engine, each with the offset from which the engine has read every message.
    /// The engine may have skipped more messages than retention removed.
    /// </summary>
    public IReadOnlyDictionary<SourceId, long> ReadFrom { get; init; } = new Dictionary<SourceId, long>();
}

/// <summary>A message that the stream and the engine classify differently.</summary>
/// <param name="TakenByStream">True if the stream accepted the message and the engine rejected it; false for the reverse.</param>
/// <param name="Why">The reason of the side that rejected the message.</param>
/// <param name="Written">
/// The time at which the message was written, µs since the epoch; <see cref="long.MaxValue"/> if it is unknown.
/// </param>
public sealed record ParseDisagreement(LogPlace Place, bool TakenByStream, string Why, long Written)
{
    /// <summary>The sensor and time of the message; null if it cannot be read.</summary>
    public ReadingKey? Reading { get; init; }
}

/// <summary>The sensor and time of a reading.</summary>
/// <param name="EventTime">µs since the epoch.</param>
public readonly record struct ReadingKey(int SensorId, long EventTime);
