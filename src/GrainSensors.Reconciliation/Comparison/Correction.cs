using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Corrects measurements of windows, on the condition that a window still has the row version that was compared.</summary>
/// <remarks>
/// A grain that holds the window in memory finds another row version at its next write. It then drops its state and loads the row.
/// The corrected row carries the marks of the run, so no reading counts twice when the log is read again.
/// </remarks>
internal sealed class Correction(IStore store, Guid runId, IReadOnlyList<SourceRange> sources)
{
    /// <summary>The row versions that this run has written. The measurements of a window are compared at different times.</summary>
    private readonly Dictionary<WindowId, long> _written = [];

    /// <returns>The findings with their outcomes; those of disputed windows are only reported.</returns>
    public async Task<List<ReconciliationFinding>> ApplyAsync(
        IReadOnlyList<(ReconciliationFinding Finding, WindowRow? Stored)> wrong, CancellationToken cancellationToken)
    {
        var outcomes = new FindingOutcome[wrong.Count];
        var windows = Enumerable.Range(0, wrong.Count).Where(i => wrong[i].Finding.Kind != FindingKind.Parse)
            .GroupBy(i => wrong[i].Finding.Key!.Value.Window).ToDictionary(window => window.Key, window => window.ToList());
        var stored = (await store.ReadAsync([.. windows.Keys], cancellationToken)).ToDictionary(window => window.Id);
        var life = store.Life;
        var (writes, removals) = (new List<WindowWrite>(), new List<WindowRemoval>());
        foreach (var (id, indexes) in windows)
        {
            var found = stored.GetValueOrDefault(id);
            if (!indexes.TrueForAll(i => IsAsCompared(wrong[i].Finding.Key!.Value.Measurement, wrong[i].Stored, found)))
            {
                indexes.ForEach(i => outcomes[i] = FindingOutcome.Refused);
                continue;
            }

            var corrected = Correct(id, found, indexes.ConvertAll(i => wrong[i].Finding));
            if (corrected.Measurements.Count > 0)
            {
                writes.Add(new(corrected, found?.RowVersion, life));
            }
            else
            {
                removals.Add(new(id, found!.RowVersion));
            }
        }

        var written = writes.Count == 0 ? [] : await store.WriteAsync(writes, cancellationToken);
        for (var i = 0; i < writes.Count; i++)
        {
            SetOutcome(writes[i].Window.Id, written[i] == WriteOutcome.Written);
            if (written[i] == WriteOutcome.Written)
            {
                _written[writes[i].Window.Id] = writes[i].Window.RowVersion;
            }
        }

        var removed = removals.Count == 0 ? [] : await store.Reconciliation.RemoveAsync(removals, cancellationToken);
        for (var i = 0; i < removals.Count; i++)
        {
            SetOutcome(removals[i].Window, removed[i]);
        }

        return [.. wrong.Select((w, i) => w.Finding with { Outcome = outcomes[i] })];

        void SetOutcome(WindowId window, bool isCorrected) => windows[window].ForEach(
            i => outcomes[i] = isCorrected ? FindingOutcome.Corrected : FindingOutcome.Refused);
    }

    /// <summary>
    /// Whether the window has not changed since its row was compared, except by this run. A window without the measurement must
    /// be closed and not hold readings from beyond the end of the run.
    /// </summary>
    private bool IsAsCompared(string measurement, WindowRow? compared, StoredWindow? found)
    {
        if (found is null)
        {
            return compared is null;
        }

        return found.RowVersion == compared?.RowVersion
            || (_written.TryGetValue(found.Id, out var version) && found.RowVersion == version)
            || (compared is null && found.IsFinal && found.Measurements.All(m => m.Measurement != measurement)
                && Array.TrueForAll(found.Marks.ToArray(), IsInRun));
    }

    private bool IsInRun(Mark mark) =>
        sources.FirstOrDefault(range => range.Source == mark.Source.WithoutIncarnation()) is { } range && mark.Offset < range.End;

    private StoredWindow Correct(WindowId id, StoredWindow? found, List<ReconciliationFinding> findings)
    {
        var marks = found?.Marks ?? Marks.Empty;
        foreach (var range in sources.Where(range => range.End > 0))
        {
            foreach (var mark in range.Epochs.MarksBelow(range.Source, range.End))
            {
                marks = marks.Raise(mark.Source, mark.Offset);
            }
        }

        var stored = (found?.Measurements ?? []).ToDictionary(m => m.Measurement);
        var measured = stored.Values.Where(m => findings.TrueForAll(f => f.Key!.Value.Measurement != m.Measurement))
            .Concat(findings.Where(f => f.Recomputed is not null).Select(Corrected));

        // The revision of a missing window is unknown. Revision 1 still says that it has changed since its first close.
        return new(
            id, [.. measured.OrderBy(m => m.Measurement, StringComparer.Ordinal)], marks, Random.Shared.NextInt64(),
            (found?.Revision ?? 0) + 1, IsFinal: true, runId)
        {
            Latest = found?.Latest,
        };

        // Statistics are corrected, not the latest reading. A wrong sketch is removed: percentiles are unknown without one.
        MeasuredStatistics Corrected(ReconciliationFinding finding)
        {
            var measurement = finding.Key!.Value.Measurement;
            var isKnown = stored.TryGetValue(measurement, out var before);
            return isKnown && finding.Stored == finding.Recomputed
                ? before with { Sketch = null }
                : new(measurement, finding.Recomputed!.Value, isKnown ? before.Last : double.NaN);
        }
    }
}
