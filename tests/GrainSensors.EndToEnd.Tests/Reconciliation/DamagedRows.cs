using GrainSensors.Core.Windows;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>A hundred rows damaged by SQL in every way. Row versions are unique and identify the rows in both stores.</summary>
internal sealed class DamagedRows
{
    private const int Each = 25;
    private const int CopyOffset = 1_000_000;

    private DamagedRows(List<string> statements, Dictionary<string, HashSet<WindowKey>> keys) => (Statements, Keys) = (statements, keys);

    public IReadOnlyList<string> Statements { get; }

    /// <summary>The keys of the damaged rows by the expected kind of finding.</summary>
    public IReadOnlyDictionary<string, HashSet<WindowKey>> Keys { get; }

    /// <param name="rows">At least 100 rows; the 75 that are picked change.</param>
    public static DamagedRows Of(IReadOnlyList<WindowRow> rows, int seed)
    {
        var picked = rows.OrderBy(row => row.Key.SensorId).ThenBy(row => row.Key.Start)
            .ThenBy(row => row.Key.Measurement, StringComparer.Ordinal).ToArray();
        new Random(seed).Shuffle(picked);
        var (deleted, altered) = (picked[..Each], picked[Each..(2 * Each)]);
        var (miscounted, copied) = (picked[(2 * Each)..(3 * Each)], picked[(3 * Each)..(4 * Each)]);
        string[] alterations = ["mean = mean + 0.5", "mean = mean * 1.000001", "min = min - 1", "max = max + 0.25", "m2 = m2 + 10"];
        List<string> statements =
        [
            $"DELETE FROM sensor_windows WHERE token IN ({Versions(deleted)})",
            $"UPDATE sensor_windows SET sample_count = sample_count + 3 WHERE token IN ({Versions(miscounted)})",
            .. altered.Chunk(Each / alterations.Length).Select(
                (rows, way) => $"UPDATE sensor_windows SET {alterations[way]} WHERE token IN ({Versions(rows)})"),
            Copy(copied[..(Each / 2)], "marks"),
            Copy(copied[(Each / 2)..], "substr(marks, 1, 0)"), // rows inserted by hand have no marks
        ];
        return new(statements, new()
        {
            ["missing"] = [.. deleted.Select(row => row.Key)],
            ["differing"] = [.. altered.Concat(miscounted).Select(row => row.Key)],
            ["surplus"] = [.. copied.Select(row => row.Key with { SensorId = row.Key.SensorId + CopyOffset })],
        });
    }

    private static string Copy(IEnumerable<WindowRow> like, string marks) =>
        $"""
        INSERT INTO sensor_windows (
            sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final, updated_at)
        SELECT sensor_id + {CopyOffset}, metric, window_start, window_end, sample_count, mean, m2, min, max, {marks}, token, revision,
            is_final, updated_at
        FROM sensor_windows WHERE token IN ({Versions(like)})
        """;

    private static string Versions(IEnumerable<WindowRow> rows) => string.Join(", ", rows.Select(row => row.RowVersion));
}
