using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>A hundred measurements of windows, damaged in every way.</summary>
internal sealed class DamagedRows
{
    private const int Each = 25;
    private const int CopyOffset = 1_000_000;

    private static readonly Func<RunningStatistics, RunningStatistics>[] Alterations =
    [
        s => s with { Mean = s.Mean + 0.5 }, s => s with { Mean = s.Mean * 1.000001 }, s => s with { Min = s.Min - 1 },
        s => s with { Max = s.Max + 0.25 }, s => s with { M2 = s.M2 + 10 },
    ];

    private readonly WindowRow[] _deleted;
    private readonly WindowRow[] _altered;
    private readonly WindowRow[] _copied;

    /// <param name="rows">At least 100 rows; the 75 that are picked change.</param>
    public DamagedRows(IReadOnlyList<WindowRow> rows, int seed)
    {
        var picked = rows.OrderBy(row => row.Key.SensorId).ThenBy(row => row.Key.Start)
            .ThenBy(row => row.Key.Measurement, StringComparer.Ordinal).ToArray();
        new Random(seed).Shuffle(picked);
        (_deleted, _altered, _copied) = (picked[..Each], picked[Each..(3 * Each)], picked[(3 * Each)..(4 * Each)]);
        Keys = new Dictionary<string, HashSet<WindowKey>>
        {
            ["missing"] = [.. _deleted.Select(row => row.Key)],
            ["differing"] = [.. _altered.Select(row => row.Key)],
            ["surplus"] = [.. _copied.Select(row => Copy(row.Key))],
        };
    }

    /// <summary>The keys of the damaged rows by the expected kind of finding.</summary>
    public IReadOnlyDictionary<string, HashSet<WindowKey>> Keys { get; }

    public async Task ApplyAsync(IStore store)
    {
        var damaged = _deleted.Concat(_altered).Select(row => row.Key.Window).Distinct().ToList();
        foreach (var window in await store.ReadAsync(damaged, CancellationToken.None))
        {
            var left = window.Measurements.Where(m => !_deleted.Any(row => Is(row.Key, window, m)))
                .Select(m => m with { Statistics = Alter(window, m) }).ToArray();
            if (left.Length == 0)
            {
                var removed = await store.Reconciliation.RemoveAsync([new(window.Id, window.RowVersion)], CancellationToken.None);
                Assert.True(removed[0]);
            }
            else
            {
                // A correction, because that alone removes a measurement from a row of SQLite.
                await WriteAsync(
                    window with { Measurements = left, RowVersion = ~window.RowVersion, CorrectedBy = Guid.Empty }, window.RowVersion);
            }
        }

        var copies = _copied.GroupBy(row => Copy(row.Key).Window).ToList();
        for (var i = 0; i < copies.Count; i++)
        {
            // Rows inserted by hand have no marks.
            var measured = copies[i].Select(row => new MeasuredStatistics(row.Key.Measurement, row.Statistics)).ToArray();
            await WriteAsync(
                new(copies[i].Key, measured, i % 2 == 0 ? copies[i].First().Marks : Marks.Empty, i, 0, IsFinal: true), null);
        }

        async Task WriteAsync(StoredWindow window, long? expected)
        {
            var outcomes = await store.WriteAsync([new(window, expected)], CancellationToken.None);
            Assert.Equal(WriteOutcome.Written, outcomes[0]);
        }
    }

    private RunningStatistics Alter(StoredWindow window, MeasuredStatistics measured)
    {
        var at = Array.FindIndex(_altered, row => Is(row.Key, window, measured));
        return at < 0 ? measured.Statistics
            : at < Each ? Alterations[at % Alterations.Length](measured.Statistics)
            : measured.Statistics with { Count = measured.Statistics.Count + 3 };
    }

    private static bool Is(WindowKey key, StoredWindow window, MeasuredStatistics measured) =>
        key.Window == window.Id && key.Measurement == measured.Measurement;

    private static WindowKey Copy(WindowKey key) => key with { SensorId = key.SensorId + CopyOffset };
}
