using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Makes longer windows stale in the transaction that writes their panes.</summary>
internal sealed class SqliteStaleWindows(SqliteConnection connection, KnownLongerPeriods longer, TimeProvider clock) : IDisposable
{
    private const string Into =
        "INSERT INTO merged_windows AS m ("
        + "sensor_id, period, window_start, window_end, pane, is_chained, statistics, token, revision, is_final, is_stale, updated_at) ";

    /// <summary>Whether a window gets a row with the panes of the period p.</summary>
    private const string IsMerged =
        """
        p.first_start <= ?3 AND (p.end_start IS NULL OR ?3 < p.end_start) AND p.panes_from <= ?3
            AND (p.retention IS NULL OR ?4 > ?6 - p.retention)
            AND (p.removed_at IS NULL OR p.removed_at > ?6 - 86400000000 OR EXISTS (
                SELECT 1 FROM merged_periods AS d
                WHERE d.source = p.period AND d.is_chained AND d.end_start > ?6 - 86400000000))
        """;

    private const string Insert =
        $"""
        {Into}
        SELECT ?1, ?2, ?3, ?4, p.source, p.is_chained, '{"{}"}', ?5, 0, 0, ?7, ?6
        FROM merged_periods AS p
        WHERE p.period = ?2 AND {IsMerged}
        """;

    private const string OfSamePanes =
        """
        ON CONFLICT DO UPDATE SET token = excluded.token, is_stale = 1, updated_at = excluded.updated_at
        WHERE m.pane = excluded.pane AND m.is_chained = excluded.is_chained
        """;

    // A row that there is gets stale whatever the configuration is; one that was made of other panes stays as it is.
    private const string Upsert =
        $"""
        {Into}
        SELECT ?1, ?2, ?3, ?4, ?8, ?9, '{"{}"}', ?5, 0, 0, ?7, ?6
        FROM (SELECT 1)
        LEFT JOIN merged_periods AS p ON p.period = ?2 AND p.source = ?8 AND p.is_chained = ?9
        WHERE coalesce(p.panes_from, -9223372036854775808) <= ?3 AND (({IsMerged}) OR EXISTS (
            SELECT 1 FROM merged_windows AS e WHERE e.window_start = ?3 AND e.period = ?2 AND e.sensor_id = ?1))
        {OfSamePanes}
        """;

    private readonly Lazy<SqliteStatement> _upsert = new(() => new(connection, Upsert));
    private readonly Lazy<SqliteStatement> _mark = new(() => new(connection, $"{Insert} {OfSamePanes}"));

    // The row of a longer window is there from its first pane on, so that readers find what it has so far.
    private readonly Lazy<SqliteStatement> _insert = new(() => new(connection, $"{Insert} ON CONFLICT DO NOTHING"));

    /// <summary>Makes the longer windows over a final pane stale that is written or removed.</summary>
    public void Change(WindowId pane) => Mark(longer.Current.Over(pane), new(pane.Period), isChained: false);

    /// <summary>Makes the longer windows over a merged one stale.</summary>
    public void Change(MergedWindowId pane) => Mark(longer.Current.Over(pane), pane.Period, isChained: true);

    /// <summary>Gives the longer windows over a provisional pane a row.</summary>
    public void Begin(WindowId pane)
    {
        foreach (var window in longer.Current.AllOver(pane))
        {
            Bind(_insert.Value, window, isStale: false).Execute();
        }
    }

    /// <summary>Makes a window stale whatever has happened to its panes.</summary>
    /// <returns>False: it is of no longer period, or its panes may have been deleted.</returns>
    public bool Mark(MergedWindowId window) => Bind(_mark.Value, window, isStale: true).Execute() == 1;

    public void Dispose()
    {
        foreach (var statement in new[] { _upsert, _mark, _insert })
        {
            if (statement.IsValueCreated)
            {
                statement.Value.Dispose();
            }
        }
    }

    private void Mark(IEnumerable<MergedWindowId> windows, WindowPeriod source, bool isChained)
    {
        foreach (var window in windows)
        {
            var statement = Bind(_upsert.Value, window, isStale: true);
            statement.Bind(8, source.ToString());
            statement.Bind(9, isChained ? 1L : 0L);
            statement.Execute();
        }
    }

    private SqliteStatement Bind(SqliteStatement statement, MergedWindowId window, bool isStale)
    {
        statement.Bind(1, (long)window.SensorId);
        statement.Bind(2, window.Period.ToString());
        statement.Bind(3, window.Start);
        statement.Bind(4, window.End);
        statement.Bind(5, Random.Shared.NextInt64());
        statement.Bind(6, EpochTime.Now(clock));
        statement.Bind(7, isStale ? 1L : 0L);
        return statement;
    }
}
