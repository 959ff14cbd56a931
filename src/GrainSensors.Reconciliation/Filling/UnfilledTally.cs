using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>Counts what stays unknown.</summary>
internal sealed class UnfilledTally
{
    private readonly SortedDictionary<UnfilledReason, UnfilledWindows> _unfilled = [];

    public IReadOnlyList<UnfilledWindows> Unfilled => [.. _unfilled.Values];

    public void Add(WindowComparer.Verdict verdict, WindowKey key) => Add(
        verdict switch
        {
            WindowComparer.Verdict.BeyondLog => UnfilledReason.BeyondLog,
            WindowComparer.Verdict.ModifiedSince or WindowComparer.Verdict.Open => UnfilledReason.Changed,
            WindowComparer.Verdict.NotOurs => UnfilledReason.NotOurs,
            WindowComparer.Verdict.Ambiguous => UnfilledReason.Ambiguous,
            _ => UnfilledReason.Differs,
        },
        key);

    public void Add(UnfilledReason reason, WindowKey key)
    {
        var counted = _unfilled.GetValueOrDefault(reason) ?? new(reason, 0, key.Start, key.Start);
        _unfilled[reason] = counted with
        {
            Count = counted.Count + 1,
            FirstStart = Math.Min(counted.FirstStart, key.Start),
            LastStart = Math.Max(counted.LastStart, key.Start),
        };
    }
}
