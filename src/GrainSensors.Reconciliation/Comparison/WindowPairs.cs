using System.Runtime.CompilerServices;
using System.Text;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Brings together what both sides have of a key, row by row: neither is ever in memory as a whole.</summary>
internal static class WindowPairs
{
    /// <summary>What the log and the store have of a row; one of them may have nothing.</summary>
    public readonly record struct Pair(WindowKey Key, RecomputedWindow? Recomputed, WindowRow? Stored);

    /// <param name="recomputed">Sorted by sensor, metric and start.</param>
    /// <param name="stored">Sorted in the same way, of the same period.</param>
    public static async IAsyncEnumerable<Pair> JoinAsync(
        IAsyncEnumerable<RecomputedWindow> recomputed, IAsyncEnumerable<WindowRow> stored, Period period,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var left = recomputed.GetAsyncEnumerator(cancellationToken);
        await using var right = stored.GetAsyncEnumerator(cancellationToken);
        var (hasLeft, hasRight) = (await left.MoveNextAsync(), await right.MoveNextAsync());
        while (hasLeft || hasRight)
        {
            var order = !hasRight ? -1 : !hasLeft ? 1 : Compare(left.Current.Key(period), right.Current.Key);
            var key = order <= 0 ? left.Current.Key(period) : right.Current.Key;
            yield return new(key, order <= 0 ? left.Current : null, order >= 0 ? right.Current : null);
            if (order <= 0)
            {
                hasLeft = await left.MoveNextAsync();
            }

            if (order >= 0)
            {
                hasRight = await right.MoveNextAsync();
            }
        }
    }

    private static int Compare(WindowKey a, WindowKey b)
    {
        var order = a.SensorId.CompareTo(b.SensorId);
        order = order != 0 ? order : CompareBytes(a.Measurement, b.Measurement);
        return order != 0 ? order : a.Start.CompareTo(b.Start);
    }

    /// <summary>As databases sort text without a language: by its UTF-8.</summary>
    private static int CompareBytes(string a, string b) =>
        a == b ? 0 : Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
}
