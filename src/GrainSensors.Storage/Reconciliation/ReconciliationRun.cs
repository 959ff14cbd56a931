using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>One comparison of the windows with the log. Times in µs since the epoch.</summary>
/// <param name="Engine"><c>local</c> or <c>spark</c>.</param>
/// <param name="From">Windows that start at or after this.</param>
/// <param name="To">And before this.</param>
/// <param name="SensorIds">Only these; null: all.</param>
/// <param name="DryRun">It reports and corrects nothing.</param>
/// <param name="Sources">What it read.</param>
public sealed record ReconciliationRun(
    Guid Id, string Engine, Period Period, long From, long To, IReadOnlyList<int>? SensorIds, bool DryRun,
    IReadOnlyList<SourceRange> Sources, long StartedAt)
{
    /// <summary>Null: it runs, or died.</summary>
    public long? EndedAt { get; init; }

    /// <summary>What it counted.</summary>
    public ReconciliationCounts Counts { get; init; }

    /// <summary>Why it did not come to its end; null: it did, or still may.</summary>
    public string? Failure { get; init; }
}

/// <summary>The offsets of a source that a run reads.</summary>
/// <param name="Begin">Inclusive.</param>
/// <param name="End">Exclusive.</param>
public sealed record SourceRange(SourceId Source, long Begin, long End);

/// <summary>What a run has counted.</summary>
/// <param name="Readings">That the engine took from the log.</param>
/// <param name="Compared">Rows of which store and log were compared.</param>
/// <param name="LeftAlone">Rows that are open, or were touched since the end of the run.</param>
/// <param name="Unjudged">Rows that the log no longer holds all readings of.</param>
public readonly record struct ReconciliationCounts(
    long Readings, long Compared, long Missing, long Surplus, long Differing, long Parse, long Corrected, long LeftAlone, long Unjudged)
{
    public long Findings => Missing + Surplus + Differing + Parse;
}
