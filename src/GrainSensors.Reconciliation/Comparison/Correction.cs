using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Puts rows right, each only while it is as it was when it was judged.</summary>
/// <remarks>
/// A grain that holds the row in memory finds its token gone, forgets everything and reads what is stored: it, and whoever
/// reads the log again, must not take a reading twice that is in the row now, hence the marks.
/// </remarks>
internal sealed class Correction(IStore store, Guid runId, IReadOnlyList<SourceRange> sources)
{
    /// <returns>The findings with what became of them.</returns>
    public async Task<List<ReconciliationFinding>> ApplyAsync(
        IReadOnlyList<(ReconciliationFinding Finding, WindowRow? Stored)> wrong, CancellationToken cancellationToken)
    {
        var outcomes = new FindingOutcome[wrong.Count];
        var (writes, removals) = (new List<int>(), new List<int>());
        for (var i = 0; i < wrong.Count; i++)
        {
            (wrong[i].Finding.Recomputed is null ? removals : writes).Add(i);
        }

        if (writes.Count > 0)
        {
            var written = await store.WriteAsync(writes.ConvertAll(i => Write(wrong[i].Finding, wrong[i].Stored)), cancellationToken);
            Note(writes, i => written[i] == WriteOutcome.Written);
        }

        if (removals.Count > 0)
        {
            var removed = await store.Reconciliation.RemoveAsync(
                removals.ConvertAll(i => new WindowRemoval(wrong[i].Stored!.Key, wrong[i].Stored!.RowVersion)), cancellationToken);
            Note(removals, i => removed[i]);
        }

        return [.. wrong.Select((w, i) => w.Finding with { Outcome = outcomes[i] })];

        void Note(List<int> indexes, Func<int, bool> took)
        {
            for (var i = 0; i < indexes.Count; i++)
            {
                outcomes[indexes[i]] = took(i) ? FindingOutcome.Corrected : FindingOutcome.Refused;
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

        // Of a row that is gone nobody knows how often it was written; it is not as it was at its first close in any case.
        var row = new WindowRow(
            finding.Key!.Value, finding.Recomputed!.Value, marks, Random.Shared.NextInt64(), (stored?.Revision ?? 0) + 1, IsFinal: true, runId);
        return new(row, stored?.RowVersion);
    }
}
