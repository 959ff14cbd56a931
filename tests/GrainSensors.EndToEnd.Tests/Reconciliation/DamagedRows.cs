using GrainSensors.Core.Windows;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>A hundred rows damaged by SQL, in every way. Tokens are unique, so they name the rows in both stores.</summary>
internal sealed class DamagedRows
{
    private const int Each = 25;
    private const int InventedBy = 1_000_000;

    private DamagedRows(List<string> statements, Dictionary<string, HashSet<WindowKey>> keys) => (Statements, Keys) = (statements, keys);

    public IReadOnlyList<string> Statements { get; }

    /// <summary>By the kind of finding that they must become.</summary>
    public IReadOnlyDictionary<string, HashSet<WindowKey>> Keys { get; }

    /// <param name="rows">100 at least; others than the 75 that are picked stay as they are.</param>
    public static DamagedRows Of(IReadOnlyList<WindowRow> rows, int seed)
    {
        var picked = rows.OrderBy(row => row.Key.SensorId).ThenBy(row => row.Key.Start).ThenBy(row => row.Key.Measurement, StringComparer.Ordinal).ToArray();
        new Random(seed).Shuffle(picked);
        var (deleted, altered, miscounted, copied) = (picked[..Each], picked[Each..(2 * Each)], picked[(2 * Each)..(3 * Each)], picked[(3 * Each)..(4 * Each)]);
        string[] alterations = ["mean = mean + 0.5", "mean = mean * 1.000001", "min = min - 1", "max = max + 0.25", "m2 = m2 + 10"];
        List<string> statements =
        [
            $"DELETE FROM sensor_windows WHERE token IN ({Tokens(deleted)})",
            $"UPDATE sensor_windows SET sample_count = sample_count + 3 WHERE token IN ({Tokens(miscounted)})",
            .. altered.Chunk(Each / alterations.Length).Select((rows, way) => $"UPDATE sensor_windows SET {alterations[way]} WHERE token IN ({Tokens(rows)})"),
            Invent(copied[..(Each / 2)], "marks"),
            Invent(copied[(Each / 2)..], "substr(marks, 1, 0)"), // by somebody who knows of no marks
        ];
        return new(statements, new()
        {
            ["missing"] = [.. deleted.Select(row => row.Key)],
            ["differing"] = [.. altered.Concat(miscounted).Select(row => row.Key)],
            ["surplus"] = [.. copied.Select(row => row.Key with { SensorId = row.Key.SensorId + InventedBy })],
        });
    }

    private static string Invent(IEnumerable<WindowRow> like, string marks) =>
        $"""
        INSERT INTO sensor_windows (
            sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final, updated_at)
        SELECT sensor_id + {InventedBy}, metric, window_start, window_end, sample_count, mean, m2, min, max, {marks}, token, revision, is_final, updated_at
        FROM sensor_windows WHERE token IN ({Tokens(like)})
        """;

    private static string Tokens(IEnumerable<WindowRow> rows) => string.Join(", ", rows.Select(row => row.RowVersion));
}
