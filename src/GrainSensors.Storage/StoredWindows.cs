using System.Runtime.CompilerServices;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage;

/// <summary>Reads windows of a period whether they were counted or merged.</summary>
public static class StoredWindows
{
    /// <param name="query">Has a period.</param>
    /// <returns>
    /// As <see cref="IWindowStore.QueryAsync"/>; merged windows have no marks. A merged window stands before one that was counted.
    /// </returns>
    public static async IAsyncEnumerable<WindowRow> QueryPeriodAsync(
        this IStore store, WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var merged = MergedRowsAsync(store.MergedWindows, query, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var hasMerged = await merged.MoveNextAsync();
        await foreach (var row in store.QueryAsync(query, cancellationToken))
        {
            var isReplaced = false;
            for (; hasMerged && Compare(merged.Current.Key, row.Key) is <= 0 and var order; hasMerged = await merged.MoveNextAsync())
            {
                isReplaced = order == 0;
                yield return merged.Current;
            }

            if (!isReplaced)
            {
                yield return row;
            }
        }

        for (; hasMerged; hasMerged = await merged.MoveNextAsync())
        {
            yield return merged.Current;
        }
    }

    private static async IAsyncEnumerable<WindowRow> MergedRowsAsync(
        IMergedWindowStore store, WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var period = new WindowPeriod(query.Period!.Value);
        var rows = new List<WindowRow>();
        await foreach (var window in store.QueryAsync(query.SensorIds, period, query.From, query.To, cancellationToken))
        {
            if (rows.Count > 0 && rows[0].Key.SensorId != window.Id.SensorId)
            {
                foreach (var row in Sorted(rows))
                {
                    yield return row;
                }

                rows.Clear();
            }

            rows.AddRange(window.Statistics.Measurements.Select(measured => new WindowRow(
                new(window.Id.SensorId, measured.Measurement, period.Size, window.Id.Start), measured.Statistics, Marks.Empty,
                window.RowVersion, window.Revision, window.IsFinal)
            {
                Sketch = measured.Sketch,
                Edges = measured.Edges,
            }));
        }

        foreach (var row in Sorted(rows))
        {
            yield return row;
        }
    }

    private static IEnumerable<WindowRow> Sorted(List<WindowRow> rows) =>
        rows.OrderBy(row => row.Key.Measurement, StringComparer.Ordinal).ThenBy(row => row.Key.Start);

    private static int Compare(WindowKey a, WindowKey b)
    {
        var order = a.SensorId.CompareTo(b.SensorId);
        order = order != 0 ? order : string.CompareOrdinal(a.Measurement, b.Measurement);
        return order != 0 ? order : a.Start.CompareTo(b.Start);
    }
}
