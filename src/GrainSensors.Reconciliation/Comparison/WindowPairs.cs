using System.Runtime.CompilerServices;
using System.Text;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Joins the recomputed and the stored rows by key, as a merge of two sorted streams; neither is held in memory.</summary>
internal static class WindowPairs
{
    /// <summary>The recomputed and the stored row of a key; one of them may be null.</summary>
    public readonly record struct Pair(WindowKey Key, RecomputedWindow? Recomputed, WindowRow? Stored);

    /// <param name="recomputed">Rows sorted by sensor, measurement (by bytes) and start.</param>
    /// <param name="stored">Rows of the same period, sorted in the same order.</param>
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

    /// <summary>Compares the UTF-8 bytes, as both databases sort text without a collation.</summary>
    public static int CompareMeasurements(string a, string b) =>
        a == b ? 0 : Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

    private static int Compare(WindowKey a, WindowKey b)
    {
        var order = a.SensorId.CompareTo(b.SensorId);
        order = order != 0 ? order : CompareMeasurements(a.Measurement, b.Measurement);
        return order != 0 ? order : a.Start.CompareTo(b.Start);
    }
}
