using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>One comparison of the windows with the log. Times in µs since the epoch.</summary>
/// <param name="Engine">The name of the engine: <c>local</c> or <c>spark</c>.</param>
/// <param name="From">Earliest window start, inclusive.</param>
/// <param name="To">Latest window start, exclusive.</param>
/// <param name="SensorIds">The compared sensors; null for all.</param>
/// <param name="DryRun">The run reports differences and corrects nothing.</param>
/// <param name="Sources">The offsets that the run reads.</param>
public sealed record ReconciliationRun(
    Guid Id, string Engine, Period Period, long From, long To, IReadOnlyList<int>? SensorIds, bool DryRun,
    IReadOnlyList<SourceRange> Sources, long StartedAt)
{
    /// <summary>The <see cref="Failure"/> of a run whose process ended without storing its end.</summary>
    public const string Killed = "killed";

    /// <summary>Time of the end; null for a run that is active, or was killed since the last one began.</summary>
    public long? EndedAt { get; init; }

    /// <summary>The counts of the run.</summary>
    public ReconciliationCounts Counts { get; init; }

    /// <summary>Why the run failed; null for an active or a successful run.</summary>
    public string? Failure { get; init; }
}

/// <summary>The offsets of a source that a run reads.</summary>
/// <param name="Begin">First offset, inclusive.</param>
/// <param name="End">Last offset, exclusive.</param>
public sealed record SourceRange(SourceId Source, long Begin, long End)
{
    /// <summary>The epochs of the messages, which tell the incarnations of the source apart.</summary>
    public LeaderEpochs Epochs { get; init; } = LeaderEpochs.None;

    /// <summary>What the messages meant when they were read, in the order of time; empty: what they mean now.</summary>
    public IReadOnlyList<MessageVersion> Versions { get; init; } = [];
}

/// <summary>The counts of a run.</summary>
/// <param name="Readings">Readings that the engine read from the log.</param>
/// <param name="Compared">Rows that were compared with the log.</param>
/// <param name="LeftAlone">
/// Rows skipped because their window is open, or because they hold readings beyond the end of the run.
/// </param>
/// <param name="Unjudged">Rows skipped because the log cannot confirm them, such as rows from before its beginning.</param>
public readonly record struct ReconciliationCounts(
    long Readings, long Compared, long Missing, long Surplus, long Differing, long Parse, long Corrected, long LeftAlone, long Unjudged)
{
    public long Findings => Missing + Surplus + Differing + Parse;
}
