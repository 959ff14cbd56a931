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
    // A row that was made of other panes stays as it is.
    private const string Upsert =
        """
        INSERT INTO merged_windows AS m (
            sensor_id, period, window_start, window_end, pane, metrics, statistics, token, revision, is_final, is_stale, updated_at)
        SELECT k.sensor_id, k.period, k.window_start, k.window_end, $6, '{}', '{}', k.token, 0, false, true, $7
        FROM unnest($1, $2, $3, $4, $5) AS k (sensor_id, period, window_start, window_end, token)
        ON CONFLICT (sensor_id, period, window_start) DO UPDATE
        SET token = excluded.token, is_stale = true, updated_at = excluded.updated_at
        WHERE m.pane = excluded.pane
        """;

    /// <param name="windows">The longer windows over the panes; those over several panes may be repeated.</param>
    /// <param name="pane">The period of the panes.</param>
    /// <returns>The command; null if there are no windows.</returns>
    public static NpgsqlBatchCommand? TryCreateUpsert(IEnumerable<MergedWindowId> windows, Period pane, TimeProvider clock)
    {
        // Rows are sorted, so that two processes lock the same rows in the same order.
        var keys = InOrder(windows.Distinct(), window => window);
        if (keys.Length == 0)
        {
            return null;
        }

        var command = new NpgsqlBatchCommand(Upsert);
        command.Parameters.AddKeys(keys)
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(keys, window => PostgresTime.ToRaw(window.End)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(keys, _ => Random.Shared.NextInt64()))
            .Add(NpgsqlDbType.Text, StoredPeriod.Text(pane))
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
}
