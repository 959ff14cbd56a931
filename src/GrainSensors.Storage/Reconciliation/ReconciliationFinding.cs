using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>A difference that a run found.</summary>
/// <param name="Key">The key of the row; null for a finding about a message.</param>
/// <param name="Stored">The statistics of the row; null for a missing row.</param>
/// <param name="Recomputed">The statistics from the log; null if the log has no reading for the row.</param>
/// <param name="Place">The place of the message; null for a finding about a row.</param>
/// <param name="Differs">
/// The columns with their differences, such as <c>sample_count -3, mean +0.25</c>. For a message: how stream and engine
/// classify it.
/// </param>
public sealed record ReconciliationFinding(
    FindingKind Kind, WindowKey? Key, RunningStatistics? Stored, RunningStatistics? Recomputed, LogPlace? Place, string Differs)
{
    public FindingOutcome Outcome { get; init; }
}

/// <summary>The kind of a finding.</summary>
public enum FindingKind
{
    /// <summary>The log has readings, and the store has no row.</summary>
    Missing = 0,

    /// <summary>The store has a row, and the log has no readings.</summary>
    Surplus,

    /// <summary>The row has other values than the log.</summary>
    Differing,

    /// <summary>Stream and engine disagree about whether a message is a reading.</summary>
    Parse,
}

/// <summary>The outcome of a finding.</summary>
public enum FindingOutcome
{
    /// <summary>Reported and not corrected.</summary>
    Reported = 0,

    Corrected,

    /// <summary>Not corrected, because the row was written during the run. The next run compares it again.</summary>
    Refused,
}

/// <summary>The place of a message in the log.</summary>
/// <param name="Topic">The topic of a source; null: the topic of readings.</param>
public readonly record struct LogPlace(int Partition, long Offset, string? Topic = null)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Topic}{(Topic is null ? "" : " ")}{Partition}:{Offset}");
}

/// <summary>The names of kinds and outcomes in tables and JSON.</summary>
public static class FindingNames
{
    /// <returns>The name in tables and JSON.</returns>
    public static string ToToken(this FindingKind kind) => kind switch
    {
        FindingKind.Missing => "missing",
        FindingKind.Surplus => "surplus",
        FindingKind.Differing => "differing",
        _ => "parse",
    };

    /// <inheritdoc cref="ToToken(FindingKind)"/>
    public static string ToToken(this FindingOutcome outcome) => outcome switch
    {
        FindingOutcome.Corrected => "corrected",
        FindingOutcome.Refused => "refused",
        _ => "reported",
    };
}
