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

    // A window that has panes from before the change would be merged from a part of them.
    private const string UpsertLonger =
        """
        INSERT INTO merged_periods (period, source, is_chained, first_start, retention)
        VALUES ($period, $source, $chained, iif(EXISTS (SELECT 1 FROM windows), $first, -9223372036854775808), $retention)
        ON CONFLICT DO UPDATE
        SET source = excluded.source, is_chained = excluded.is_chained, retention = excluded.retention,
            first_start = iif((source, is_chained) = (excluded.source, excluded.is_chained), first_start, excluded.first_start)
        """;

    /// <summary>Stores the period of the contract and the longer periods.</summary>
    /// <returns>The longer periods of the store.</returns>
    public static LongerPeriods Set(SqliteConnection connection, Period period, WindowStoreOptions options, TimeProvider clock)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(UpsertPeriod, ("$period", period.ToString()), ("$length", period.TotalMicros));
        foreach (var added in options.Longer.All)
        {
            var retention = options.RetentionOf(added.Period.ToString());
            Execute(
                UpsertLonger,
                ("$period", added.Period.ToString()),
                ("$source", added.Source.ToString()),
                ("$chained", added.IsChained),
                ("$first", added.Period.FirstAt(EpochTime.Now(clock))),
                ("$retention", retention == Timeout.InfiniteTimeSpan ? DBNull.Value : EpochTime.From(retention)));
        }

        foreach (var removed in Read(connection).All.Where(known => options.Longer.All.All(kept => !kept.Period.Equals(known.Period))))
        {
            Execute("DELETE FROM merged_periods WHERE period = $period", ("$period", removed.Period.ToString()));
        }

        transaction.Commit();
        return Read(connection);

        void Execute(string sql, params (string Name, object Value)[] parameters)
        {
            using var command = connection.CreateCommand();
            (command.CommandText, command.Transaction) = (sql, transaction);
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value);
            }

            command.ExecuteNonQuery();
        }
    }

    public static LongerPeriods Read(SqliteConnection connection)
    {
        using var statement = new SqliteStatement(connection, "SELECT period, source, is_chained FROM merged_periods");
        var periods = new List<LongerPeriod>();
        while (statement.Next())
        {
            periods.Add(new(
                StoredPeriod.ParseLonger(statement.Text(0)), StoredPeriod.ParseLonger(statement.Text(1)), statement.Integer(2) != 0));
        }

        return LongerPeriods.Restore(periods);
    }
}
