using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Model;

/// <summary>The result of a run.</summary>
/// <param name="Findings">The first findings; the store has all of them.</param>
/// <param name="RetentionBounds">Sources whose beginning retention has removed.</param>
/// <param name="Skipped">Rows that were not compared, by reason.</param>
/// <param name="HasUnreadPartitions">Some partitions have no checkpoint yet and were not read.</param>
public sealed record ReconciliationResult(
    ReconciliationRun Run,
    IReadOnlyList<ReconciliationFinding> Findings,
    IReadOnlyList<RetentionBound> RetentionBounds,
    IReadOnlyList<SkippedWindows> Skipped,
    bool HasUnreadPartitions);
