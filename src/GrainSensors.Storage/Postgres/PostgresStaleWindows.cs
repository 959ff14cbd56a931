using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Makes longer windows stale in the transaction that writes their panes.</summary>
internal static class PostgresStaleWindows
{
    private const string Columns =
        "sensor_id, period, window_start, window_end, pane, is_chained, metrics, statistics, token, revision, is_final, is_stale, "
        + "updated_at";

    /// <summary>Whether a window of the parameters $1 to $6 gets a row with the panes of the period p.</summary>
    private const string IsMerged =
        """
        p.first_start <= k.window_start AND (p.end_start IS NULL OR k.window_start < p.end_start)
            AND p.panes_from <= k.window_start AND (p.retention IS NULL OR k.window_end > $6 - p.retention)
            AND (p.removed_at IS NULL OR p.removed_at > $6 - interval '1 day' OR EXISTS (
                SELECT FROM merged_periods AS d
                WHERE d.source = p.period AND d.is_chained AND d.end_start > $6 - interval '1 day'))
        """;

    // The row of a longer window is there from its first pane on, so that readers find what it has so far.
    private const string Insert =
        $"""
        INSERT INTO merged_windows AS m ({Columns})
        SELECT DISTINCT ON (k.sensor_id, k.period, k.window_start)
            k.sensor_id, k.period, k.window_start, k.window_end, p.source, p.is_chained, '{"{}"}', '{"{}"}', k.token, 0, false, $7, $6
        FROM unnest($1, $2, $3, $4, $5) AS k (sensor_id, period, window_start, window_end, token)
        JOIN merged_periods AS p ON p.period = k.period AND {IsMerged}
        ORDER BY k.sensor_id, k.period, k.window_start
        """;

    private const string OfSamePanes =
        """
        ON CONFLICT (sensor_id, period, window_start) DO UPDATE
        SET token = excluded.token, is_stale = true, updated_at = excluded.updated_at
        WHERE m.pane = excluded.pane AND m.is_chained = excluded.is_chained
        """;

    // A row that there is gets stale whatever the configuration is; one that was made of other panes stays as it is. A pane whose write
    // or removal was refused has another token than expected.
    private const string Upsert =
        $"""
        INSERT INTO merged_windows AS m ({Columns})
        SELECT DISTINCT ON (k.sensor_id, k.period, k.window_start)
            k.sensor_id, k.period, k.window_start, k.window_end, $9, $12, '{"{}"}', '{"{}"}', k.token, 0, false, true, $6
        FROM unnest($1, $2, $3, $4, $5, $7, $8)
            AS k (sensor_id, period, window_start, window_end, token, pane_start, pane_token)
        LEFT JOIN merged_periods AS p ON p.period = k.period AND p.source = $9 AND p.is_chained = $12
        LEFT JOIN LATERAL (
            SELECT w.token
            FROM
        """;

    private const string UpsertOf =
        $"""
             AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = $9 AND w.window_start = k.pane_start
                AND w.window_start >= $10 AND w.window_start <= $11
            OFFSET 0) AS pane ON true
        WHERE pane.token IS NOT DISTINCT FROM k.pane_token AND coalesce(p.panes_from, '-infinity') <= k.window_start
            AND (({IsMerged}) OR EXISTS (
                SELECT FROM merged_windows AS e
                WHERE e.sensor_id = k.sensor_id AND e.period = k.period AND e.window_start = k.window_start))
        ORDER BY k.sensor_id, k.period, k.window_start
        {OfSamePanes}
        """;

    /// <param name="panes">The final panes that were written or removed before in the transaction.</param>
    /// <returns>The command; null if there is no longer window over them.</returns>
    public static NpgsqlBatchCommand? TryCreateUpsert(IEnumerable<ChangedPane> panes, LongerPeriods longer, TimeProvider clock) =>
        longer.IsEmpty
            ? null
            : CreateUpsert(
                "windows",
                panes.SelectMany(pane => longer.Over(pane.Id).Select(window => new Stale(window, pane.Id.Start, pane.Token))),
                new(longer.Pane), isChained: false, clock);

    /// <summary>Makes windows stale that are merged from longer ones.</summary>
    /// <param name="merges">The merges that were written before in the transaction.</param>
    /// <returns>A command for each period of the merges that is a source.</returns>
    public static IEnumerable<NpgsqlBatchCommand> CreateUpserts(
        IEnumerable<(MergedWindowId Window, long Token)> merges, LongerPeriods longer, TimeProvider clock) => merges
        .GroupBy(merge => merge.Window.Period)
        .Select(source => CreateUpsert(
            "merged_windows",
            source.SelectMany(merge =>
                longer.Over(merge.Window).Select(window => new Stale(window, merge.Window.Start, merge.Token))),
            source.Key, isChained: true, clock))
        .OfType<NpgsqlBatchCommand>();

    /// <param name="panes">Provisional panes that are new.</param>
    /// <returns>A command that gives the longer windows over them a row; null if there is none.</returns>
    public static NpgsqlBatchCommand? TryCreateInsert(IEnumerable<WindowId> panes, LongerPeriods longer, TimeProvider clock)
    {
        var windows = longer.IsEmpty ? [] : InOrder(panes.SelectMany(longer.AllOver).Distinct(), window => window);
        return windows.Length == 0 ? null : CreateInsert("ON CONFLICT DO NOTHING", windows, isStale: false, clock);
    }

    /// <summary>Makes windows stale whatever has happened to their panes.</summary>
    public static NpgsqlBatchCommand CreateMark(IEnumerable<MergedWindowId> windows, TimeProvider clock) =>
        CreateInsert($"{OfSamePanes} RETURNING sensor_id, period, window_start", InOrder(windows, window => window), isStale: true, clock);

    private static NpgsqlBatchCommand CreateInsert(string conflict, MergedWindowId[] windows, bool isStale, TimeProvider clock)
    {
        var command = Create($"{Insert} {conflict}", windows, clock);
        command.Parameters.Add(NpgsqlDbType.Boolean, isStale);
        return command;
    }

    private static NpgsqlBatchCommand? CreateUpsert(
        string table, IEnumerable<Stale> windows, WindowPeriod source, bool isChained, TimeProvider clock)
    {
        // Rows are sorted, so that two processes lock the same rows in the same order.
        var stale = InOrder(windows, pair => pair.Window);
        if (stale.Length == 0)
        {
            return null;
        }

        var command = Create($"{Upsert} {table}{UpsertOf}", Array.ConvertAll(stale, pair => pair.Window), clock);
        command.Parameters
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(stale, pair => PostgresTime.ToRaw(pair.PaneStart)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(stale, pair => pair.PaneToken))
            .Add(NpgsqlDbType.Text, source.ToString())
            .AddTime(stale.Min(pair => pair.PaneStart))
            .AddTime(stale.Max(pair => pair.PaneStart))
            .Add(NpgsqlDbType.Boolean, isChained);
        return command;
    }

    private static NpgsqlBatchCommand Create(string sql, MergedWindowId[] windows, TimeProvider clock)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddKeys(windows)
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(windows, window => PostgresTime.ToRaw(window.End)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(windows, _ => Random.Shared.NextInt64()))
            .AddTime(EpochTime.Now(clock));
        return command;
    }

    /// <summary>Sorts by primary key.</summary>
    public static T[] InOrder<T>(IEnumerable<T> windows, Func<T, MergedWindowId> idOf) =>
    [
        .. windows.OrderBy(window => idOf(window).SensorId)
            .ThenBy(window => idOf(window).Period.ToString(), StringComparer.Ordinal)
            .ThenBy(window => idOf(window).Start),
    ];

    /// <summary>Adds the sensors, periods and starts of the windows.</summary>
    public static NpgsqlParameterCollection AddKeys(this NpgsqlParameterCollection parameters, MergedWindowId[] windows) => parameters
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(windows, window => window.SensorId))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(windows, window => window.Period.ToString()))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(windows, window => PostgresTime.ToRaw(window.Start)));

    private readonly record struct Stale(MergedWindowId Window, long PaneStart, long? PaneToken);
}

/// <summary>A pane that is written or removed.</summary>
/// <param name="Token">The token of its row if the change takes effect; null: it has no row then.</param>
internal readonly record struct ChangedPane(WindowId Id, long? Token);
