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

    // The panes in their order, each with the number of those up to it that the transaction has changed: one whose write or removal was
    // refused has another token. So each pane is looked up once, however many windows it is in.
    private const string Panes =
        """
        WITH panes AS MATERIALIZED (
            SELECT array_agg(k.changed ORDER BY k.position) AS changed
            FROM (
                SELECT k.position, count(*) FILTER (WHERE pane.token IS NOT DISTINCT FROM k.token) OVER (ORDER BY k.position) AS changed
                FROM unnest($7, $8, $9) WITH ORDINALITY AS k (sensor_id, pane_start, token, position)
                LEFT JOIN LATERAL (
                    SELECT w.token
                    FROM
        """;

    // A row that there is gets stale whatever the configuration is; one that was made of other panes stays as it is.
    private const string Upsert =
        $"""
             AS w
                    WHERE w.sensor_id = k.sensor_id AND w.period = $10 AND w.window_start = k.pane_start
                        AND w.window_start >= $11 AND w.window_start <= $12
                    OFFSET 0) AS pane ON true) AS k)
        INSERT INTO merged_windows AS m ({Columns})
        SELECT k.sensor_id, k.period, k.window_start, k.window_end, $10, $13, '{"{}"}', '{"{}"}', k.token, 0, false, true, $6
        FROM unnest($1, $2, $3, $4, $5, $14, $15)
            AS k (sensor_id, period, window_start, window_end, token, first_pane, last_pane)
        LEFT JOIN merged_periods AS p ON p.period = k.period AND p.source = $10 AND p.is_chained = $13
        WHERE (SELECT changed FROM panes)[k.last_pane] > coalesce((SELECT changed FROM panes)[k.first_pane - 1], 0)
            AND coalesce(p.panes_from, '-infinity') <= k.window_start
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
                panes.Where(pane => pane.Id.Period == longer.Pane)
                    .Select(pane => new Pane(pane.Id.SensorId, pane.Id.Start, pane.Token, longer.Over(pane.Id))),
                new(longer.Pane), isChained: false, clock);

    /// <summary>Makes windows stale that are merged from longer ones.</summary>
    /// <param name="merges">The merges that were written before in the transaction.</param>
    /// <returns>A command for each period of the merges that is a source.</returns>
    public static IEnumerable<NpgsqlBatchCommand> CreateUpserts(
        IEnumerable<(MergedWindowId Window, long Token)> merges, LongerPeriods longer, TimeProvider clock) => merges
        .GroupBy(merge => merge.Window.Period)
        .Select(source => CreateUpsert(
            "merged_windows",
            source.Select(merge => new Pane(merge.Window.SensorId, merge.Window.Start, merge.Token, longer.Over(merge.Window))),
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
        string table, IEnumerable<Pane> changed, WindowPeriod source, bool isChained, TimeProvider clock)
    {
        Pane[] panes = [.. changed.OrderBy(pane => pane.SensorId).ThenBy(pane => pane.Start)];
        var spans = SpansOf(panes);
        if (spans.Count == 0)
        {
            return null;
        }

        var windows = InOrder(spans.Keys, window => window);
        var command = Create($"{Panes} {table}{Upsert}", windows, clock);
        command.Parameters
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(panes, pane => pane.SensorId))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(panes, pane => PostgresTime.ToRaw(pane.Start)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(panes, pane => pane.Token))
            .Add(NpgsqlDbType.Text, source.ToString())
            .AddTime(panes.Min(pane => pane.Start))
            .AddTime(panes.Max(pane => pane.Start))
            .Add(NpgsqlDbType.Boolean, isChained)
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(windows, window => spans[window].First))
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(windows, window => spans[window].Last));
        return command;
    }

    /// <returns>The places of the panes of each window, from 1: those of a sensor follow each other in time, as windows do.</returns>
    private static Dictionary<MergedWindowId, (int First, int Last)> SpansOf(Pane[] panes)
    {
        var spans = new Dictionary<MergedWindowId, (int First, int Last)>();
        for (var place = 1; place <= panes.Length; place++)
        {
            foreach (var window in panes[place - 1].Windows)
            {
                spans[window] = spans.TryGetValue(window, out var span) ? (span.First, place) : (place, place);
            }
        }

        return spans;
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

    /// <summary>Sorts by primary key, so that two processes lock the same rows in the same order.</summary>
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

    /// <param name="Windows">The longer windows that it is in.</param>
    private readonly record struct Pane(int SensorId, long Start, long? Token, IEnumerable<MergedWindowId> Windows);
}

/// <summary>A pane that is written or removed.</summary>
/// <param name="Token">The token of its row if the change takes effect; null: it has no row then.</param>
internal readonly record struct ChangedPane(WindowId Id, long? Token);
