using System.Text.Json;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The tables <c>window_period</c> and <c>merged_periods</c> in SQLite.</summary>
internal static class SqlitePeriods
{
    private const string UpsertPeriod =
        """
        INSERT INTO window_period (only_row, period, length) VALUES (1, $period, $length)
        ON CONFLICT (only_row) DO UPDATE SET period = excluded.period, length = excluded.length
        """;

    // A window that has panes from before the change would be merged from a part of them. One that has come back within the day for
    // which a removed period is merged still has missed nothing.
    private const string UpsertLonger =
        """
        INSERT INTO merged_periods AS m (period, source, is_chained, first_start, retention)
        VALUES ($period, $source, $chained, iif(EXISTS (SELECT 1 FROM windows), $first, -9223372036854775808), $retention)
        ON CONFLICT DO UPDATE
        SET retention = excluded.retention, end_start = NULL, removed_at = NULL,
            first_start = iif(
                m.end_start IS NULL AND (m.removed_at IS NULL OR m.removed_at > $now - 86400000000), m.first_start, excluded.first_start)
        """;

    /// <summary>The windows of a period from which on it has other panes keep those that they have.</summary>
    private const string EndOthers =
        """
        UPDATE merged_periods
        SET end_start = (
            SELECT first_start FROM merged_periods WHERE period = $period AND source = $source AND is_chained = $chained)
        WHERE period = $period AND end_start IS NULL AND (source, is_chained) <> ($source, $chained)
        """;

    private const string RemoveOthers =
        """
        UPDATE merged_periods SET removed_at = $now
        WHERE period NOT IN (SELECT value FROM json_each($kept)) AND removed_at IS NULL AND end_start IS NULL
        """;

    /// <summary>Stores the period of the contract.</summary>
    public static bool Set(SqliteConnection connection, Period period) =>
        Execute(connection, UpsertPeriod, ("$period", period.ToString()), ("$length", period.TotalMicros)) == 1;

    /// <summary>Makes the configured longer periods those of the store.</summary>
    /// <returns>Those of the store.</returns>
    public static LongerPeriods Set(SqliteConnection connection, WindowStoreOptions options, TimeProvider clock)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var now = EpochTime.Now(clock);
        foreach (var added in options.Longer.All)
        {
            var retention = options.RetentionOf(added.Period.ToString());
            (string, object)[] key =
                [("$period", added.Period.ToString()), ("$source", added.Source.ToString()), ("$chained", added.IsChained ? 1L : 0L)];
            Execute(
                connection, UpsertLonger,
                [
                    .. key, ("$first", added.Period.FirstAt(now)), ("$now", now),
                    ("$retention", retention == Timeout.InfiniteTimeSpan ? DBNull.Value : EpochTime.From(retention)),
                ]);
            Execute(connection, EndOthers, key);
        }

        var kept = JsonSerializer.Serialize(options.Longer.All.Select(longer => longer.Period.ToString()));
        Execute(connection, RemoveOthers, ("$kept", kept), ("$now", now));
        transaction.Commit();
        return Read(connection);
    }

    /// <summary>
    /// Notes that windows of a period are removed that ended by a time: longer windows that start earlier are not merged any more.
    /// </summary>
    /// <returns>The time by which they may be removed: those that wait to be merged are kept. µs since the epoch.</returns>
    public static long BeginRemoval(SqliteConnection connection, string period, long cutoff)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        using (var waiting = connection.CreateCommand())
        {
            waiting.CommandText = "SELECT min(window_start) FROM merged_windows WHERE is_stale AND pane = $period";
            waiting.Parameters.AddWithValue("$period", period);
            cutoff = waiting.ExecuteScalar() is long first ? Math.Min(first, cutoff) : cutoff;
        }

        Execute(
            connection, "UPDATE merged_periods SET panes_from = $cutoff WHERE source = $period AND panes_from < $cutoff",
            ("$period", period), ("$cutoff", cutoff));
        transaction.Commit();
        return cutoff;
    }

    private static int Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    /// <param name="condition">A WHERE clause; by default periods of before are read, too.</param>
    public static LongerPeriods Read(SqliteConnection connection, string condition = "")
    {
        using var statement = new SqliteStatement(
            connection, $"SELECT period, source, is_chained, first_start, panes_from FROM merged_periods {condition}");
        var periods = new List<LongerPeriod>();
        while (statement.Next())
        {
            periods.Add(new(
                StoredPeriod.ParseLonger(statement.Text(0)), StoredPeriod.ParseLonger(statement.Text(1)), statement.Integer(2) != 0)
            {
                From = Math.Max(EpochTime.Min, statement.Integer(3)),
                PanesFrom = Math.Max(EpochTime.Min, statement.Integer(4)),
            });
        }

        return LongerPeriods.Restore(periods);
    }
}
