using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Makes longer windows stale in the transaction that writes their panes.</summary>
internal static class PostgresStaleWindows
{
    // A row that was made of other panes stays as it is. A pane whose write or removal was refused has another token than expected.
    private const string Upsert =
        """
        INSERT INTO merged_windows AS m (
            sensor_id, period, window_start, window_end, pane, metrics, statistics, token, revision, is_final, is_stale, updated_at)
        SELECT DISTINCT ON (k.sensor_id, k.period, k.window_start)
            k.sensor_id, k.period, k.window_start, k.window_end, $8, '{}', '{}', k.token, 0, false, true, $9
        FROM unnest($1, $2, $3, $4, $5, $6, $7)
            AS k (sensor_id, period, window_start, window_end, token, pane_start, pane_token)
        LEFT JOIN LATERAL (
            SELECT w.token
            FROM windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = $8 AND w.window_start = k.pane_start
                AND w.window_start >= $10 AND w.window_start <= $11
            OFFSET 0) AS pane ON true
        WHERE pane.token IS NOT DISTINCT FROM k.pane_token
        ORDER BY k.sensor_id, k.period, k.window_start
        ON CONFLICT (sensor_id, period, window_start) DO UPDATE
        SET token = excluded.token, is_stale = true, updated_at = excluded.updated_at
        WHERE m.pane = excluded.pane
        """;

    /// <param name="panes">The panes that were written or removed before in the transaction.</param>
    /// <returns>The command; null if there is no longer window over them.</returns>
    public static NpgsqlBatchCommand? TryCreateUpsert(IEnumerable<ChangedPane> panes, LongerPeriods longer, TimeProvider clock)
    {
        // Rows are sorted, so that two processes lock the same rows in the same order.
        var stale = InOrder(
            panes.SelectMany(pane => longer.Over(pane.Id).Select(window => (Window: window, Pane: pane))), pair => pair.Window);
        if (stale.Length == 0)
        {
            return null;
        }

        var command = new NpgsqlBatchCommand(Upsert);
        command.Parameters.AddKeys(Array.ConvertAll(stale, pair => pair.Window))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(stale, pair => PostgresTime.ToRaw(pair.Window.End)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(stale, _ => Random.Shared.NextInt64()))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(stale, pair => PostgresTime.ToRaw(pair.Pane.Id.Start)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(stale, pair => pair.Pane.Token))
            .Add(NpgsqlDbType.Text, StoredPeriod.Text(longer.Pane))
            .AddTime(EpochTime.Now(clock))
            .AddTime(stale.Min(pair => pair.Pane.Id.Start))
            .AddTime(stale.Max(pair => pair.Pane.Id.Start));
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
}

/// <summary>A pane that is written or removed.</summary>
/// <param name="Token">The token of its row if the change takes effect; null: it has no row then.</param>
internal readonly record struct ChangedPane(WindowId Id, long? Token);
