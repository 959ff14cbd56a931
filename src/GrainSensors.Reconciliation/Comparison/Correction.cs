using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Corrects rows, each on the condition that it still has the row version that was compared.</summary>
/// <remarks>
/// A grain that holds the row in memory finds another row version at its next write. It then drops its state and loads the row.
/// The corrected row carries the marks of the run, so no reading counts twice when the log is read again.
/// </remarks>
internal sealed class Correction(IStore store, Guid runId, IReadOnlyList<SourceRange> sources)
{
    /// <returns>The findings with their outcomes; those of disputed windows are only reported.</returns>
    public async Task<List<ReconciliationFinding>> ApplyAsync(
        IReadOnlyList<(ReconciliationFinding Finding, WindowRow? Stored)> wrong, CancellationToken cancellationToken)
    {
        var outcomes = new FindingOutcome[wrong.Count];
        var (writes, removals) = (new List<int>(), new List<int>());
        for (var i = 0; i < wrong.Count; i++)
        {
            if (wrong[i].Finding.Kind != FindingKind.Parse)
            {
                (wrong[i].Finding.Recomputed is null ? removals : writes).Add(i);
            }
        }

        if (writes.Count > 0)
        {
            var written = await store.WriteAsync(writes.ConvertAll(i => Write(wrong[i].Finding, wrong[i].Stored)), cancellationToken);
            SetOutcomes(writes, i => written[i] == WriteOutcome.Written);
        }

        if (removals.Count > 0)
        {
            var removed = await store.Reconciliation.RemoveAsync(
                removals.ConvertAll(i => new WindowRemoval(wrong[i].Stored!.Key, wrong[i].Stored!.RowVersion)), cancellationToken);
            SetOutcomes(removals, i => removed[i]);
        }

        return [.. wrong.Select((w, i) => w.Finding with { Outcome = outcomes[i] })];

        void SetOutcomes(List<int> indexes, Func<int, bool> isCorrected)
        {
            for (var i = 0; i < indexes.Count; i++)
            {
                outcomes[indexes[i]] = isCorrected(i) ? FindingOutcome.Corrected : FindingOutcome.Refused;
            }
        }
    }

    private WindowWrite Write(ReconciliationFinding finding, WindowRow? stored)
    {
        var marks = stored?.Marks ?? Marks.Empty;
        foreach (var range in sources.Where(range => range.End > 0))
        {
            marks = marks.Raise(range.Source, range.End - 1);
        }

        // The revision of a missing row is unknown. Revision 1 still says that the row has changed since its first close.
        var row = new WindowRow(
            finding.Key!.Value, finding.Recomputed!.Value, marks, Random.Shared.NextInt64(), (stored?.Revision ?? 0) + 1,
            IsFinal: true, runId);
        return new(row, stored?.RowVersion);
    }
}
