using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>What a run found wrong.</summary>
/// <param name="Key">The row; null where it is about a message.</param>
/// <param name="Stored">What the row held; null: there was none.</param>
/// <param name="Recomputed">What the log comes to; null: it has no reading for the row.</param>
/// <param name="Place">The message; null where it is about a row.</param>
/// <param name="Differs">Which columns and by how much, such as <c>sample_count -3, mean +0.25</c>; of a message: who judged it how.</param>
public sealed record ReconciliationFinding(
    FindingKind Kind, WindowKey? Key, RunningStatistics? Stored, RunningStatistics? Recomputed, LogPlace? Place, string Differs)
{
    public FindingOutcome Outcome { get; init; }
}

public enum FindingKind
{
    /// <summary>The log has readings for a row that is not there.</summary>
    Missing = 0,

    /// <summary>A row without a reading in the log.</summary>
    Surplus,

    /// <summary>Other values than those of the log.</summary>
    Differing,

    /// <summary>A message that one engine took for a reading and the other one did not.</summary>
    Parse,
}

public enum FindingOutcome
{
    /// <summary>Found, and left as it is.</summary>
    Reported = 0,

    Corrected,

    /// <summary>Somebody else wrote the row before the correction did; the next run judges it anew.</summary>
    Refused,
}

/// <summary>Where a message stands in the topic of the readings.</summary>
public readonly record struct LogPlace(int Partition, long Offset);

public static class FindingNames
{
    /// <returns>As tables and JSON spell it.</returns>
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
