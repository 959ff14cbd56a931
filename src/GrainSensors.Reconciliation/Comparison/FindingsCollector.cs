using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Counts the verdicts of a run and stores its findings.</summary>
/// <param name="kept">How many findings to keep in memory.</param>
internal sealed class FindingsCollector(IStore store, Guid runId, int kept)
{
    private const int FindingsAtOnce = 1000;

    private readonly List<ReconciliationFinding> _findings = [];
    private readonly SortedDictionary<SkipReason, SkippedWindows> _skipped = [];
    private ReconciliationCounts _counts;
    private long _position;

    public ReconciliationCounts Counts => _counts with
    {
        LeftAlone = Rows(SkipReason.Open) + Rows(SkipReason.ModifiedSince),
        Unjudged = Rows(SkipReason.BeyondLog) + Rows(SkipReason.NotOurs) + Rows(SkipReason.Ambiguous),
    };

    /// <summary>The first findings; the store has all of them.</summary>
    public IReadOnlyList<ReconciliationFinding> Findings => _findings;

    public IReadOnlyList<SkippedWindows> Skipped => [.. _skipped.Values];

    public void Count(WindowComparer.Verdict verdict, in WindowPairs.Pair pair)
    {
        if (verdict is WindowComparer.Verdict.Equal or WindowComparer.Verdict.Wrong or WindowComparer.Verdict.Disputed)
        {
            _counts = _counts with { Compared = _counts.Compared + 1 };
            if (verdict == WindowComparer.Verdict.Equal && pair is { Recomputed.Percentiles: not null, Stored.Sketch: null })
            {
                Add(SkipReason.NoPercentiles, pair.Key);
            }

            return;
        }

        Add(
            verdict switch
            {
                WindowComparer.Verdict.Open => SkipReason.Open,
                WindowComparer.Verdict.ModifiedSince => SkipReason.ModifiedSince,
                WindowComparer.Verdict.BeyondLog => SkipReason.BeyondLog,
                WindowComparer.Verdict.Ambiguous => SkipReason.Ambiguous,
                _ => SkipReason.NotOurs,
            },
            pair.Key);
    }

    public async Task AddAsync(IEnumerable<ReconciliationFinding> findings, CancellationToken cancellationToken)
    {
        foreach (var chunk in findings.Chunk(FindingsAtOnce))
        {
            await store.Reconciliation.WriteFindingsAsync(runId, _position, chunk, cancellationToken);
            _position += chunk.Length;
            _findings.AddRange(chunk.Take(kept - _findings.Count));
            _counts = chunk.Aggregate(_counts, Add);
        }
    }

    private void Add(SkipReason reason, WindowKey key)
    {
        var skipped = _skipped.GetValueOrDefault(reason) ?? new(reason, 0, key.Start, key.Start);
        _skipped[reason] = skipped with
        {
            Rows = skipped.Rows + 1,
            FirstStart = Math.Min(skipped.FirstStart, key.Start),
            LastStart = Math.Max(skipped.LastStart, key.Start),
        };
    }

    private static ReconciliationCounts Add(ReconciliationCounts counts, ReconciliationFinding finding)
    {
        var corrected = counts.Corrected + (finding.Outcome == FindingOutcome.Corrected ? 1 : 0);
        return finding.Kind switch
        {
            FindingKind.Missing => counts with { Missing = counts.Missing + 1, Corrected = corrected },
            FindingKind.Surplus => counts with { Surplus = counts.Surplus + 1, Corrected = corrected },
            FindingKind.Differing => counts with { Differing = counts.Differing + 1, Corrected = corrected },
            _ => counts with { Parse = counts.Parse + 1 },
        };
    }

    private long Rows(SkipReason reason) => _skipped.GetValueOrDefault(reason)?.Rows ?? 0;
}
