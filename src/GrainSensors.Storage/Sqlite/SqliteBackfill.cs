using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Backfills of the table <c>merged_windows</c> in SQLite.</summary>
internal sealed class SqliteBackfill(SqliteAccess access, TimeProvider clock) : IBackfillStore
{
    private const string Times =
        """
        SELECT (SELECT max(panes_from) FROM merged_periods WHERE source = ?2),
            (SELECT max(first_start) FROM merged_periods WHERE period = ?2 AND end_start IS NULL AND ?3),
            (SELECT max(?4 - retention) FROM merged_periods WHERE period = ?2 AND end_start IS NULL AND ?3),
            (SELECT window_end FROM windows WHERE period = ?1 ORDER BY window_start DESC LIMIT 1),
            (SELECT max(end_start) FROM merged_periods WHERE period = ?1),
            (SELECT max(?4 - retention) FROM merged_periods WHERE period = ?1 AND end_start IS NULL)
        """;

    // A window whose first panes were counted in another period would be merged from a part of them.
    private const string FirstPane =
        """
        SELECT first, EXISTS (SELECT 1 FROM windows WHERE NOT ?2 AND window_start < first AND period <> ?1)
        FROM (
            SELECT iif(
                ?2,
                (SELECT window_start FROM merged_windows WHERE period = ?1 AND is_final ORDER BY window_start LIMIT 1),
                (SELECT window_start FROM windows WHERE period = ?1 ORDER BY window_start LIMIT 1)) AS first)
        """;

    private const string Lower =
        """
        UPDATE merged_periods SET first_start = ?4
        WHERE period = ?1 AND source = ?2 AND is_chained = ?3 AND first_start > ?4 AND end_start IS NULL
        """;

    public Task<IReadOnlyList<LongerPeriod>> ReadPeriodsAsync(CancellationToken cancellationToken) => access.ReadAsync(
        session => SqlitePeriods.Read(session.Connection, "WHERE end_start IS NULL AND removed_at IS NULL").All, cancellationToken);

    public Task<BackfillReach> ReadReachAsync(LongerPeriod longer, long keptFrom, CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var pane = new SqliteStatement(session.Connection, FirstPane);
            pane.Bind(1, longer.Source.ToString());
            pane.Bind(2, longer.IsChained ? 1L : 0L);
            pane.Next();
            var first = pane.IsNull(0) ? (long?)null : pane.Integer(0);
            using var times = new SqliteStatement(session.Connection, Times);
            BindKey(times, longer);
            times.Bind(4, EpochTime.Now(clock));
            times.Next();
            return BackfillReach.Of(
                longer.Period, first,
                (BackfillLimit.PanesDeleted, longer.IsChained ? Time(2) : keptFrom),
                (BackfillLimit.PanesDeleted, Time(0)),
                (BackfillLimit.PanesBegin, Time(1)),
                (BackfillLimit.PanesBegin, pane.Integer(1) != 0 ? first : null),
                (BackfillLimit.Counted, Time(3)),
                (BackfillLimit.OtherPanes, Time(4)),
                (BackfillLimit.Retention, Time(5)));

            long? Time(int column) => times.IsNull(column) ? null : times.Integer(column);
        },
        cancellationToken);

    public Task BeginAsync(LongerPeriod longer, long from, long firstWindow, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var statement = new SqliteStatement(session.Connection, Lower);
            BindKey(statement, longer);
            statement.Bind(4, from);
            return statement.Execute();
        },
        cancellationToken);

    public Task<IReadOnlyList<MergedWindowId>> FindMissingAsync(
        LongerPeriod longer, long start, CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<MergedWindowId>>(
        session =>
        {
            using var statement = new SqliteStatement(
                session.Connection,
                $"""
                SELECT DISTINCT sensor_id FROM {(longer.IsChained ? "merged_windows" : "windows")} AS w
                WHERE period = ?2 AND window_start >= ?3 AND window_start < ?4 AND is_final
                    AND NOT EXISTS (SELECT 1 FROM merged_windows WHERE window_start = ?3 AND period = ?1 AND sensor_id = w.sensor_id)
                    AND NOT EXISTS (SELECT 1 FROM windows WHERE window_start = ?3 AND period = ?1 AND sensor_id = w.sensor_id)
                """);
            statement.Bind(1, longer.Period.ToString());
            statement.Bind(2, longer.Source.ToString());
            statement.Bind(3, start);
            statement.Bind(4, longer.Period.EndOf(start));
            var found = new List<MergedWindowId>();
            while (statement.Next())
            {
                found.Add(new((int)statement.Integer(0), longer.Period, start));
            }

            return found;
        },
        cancellationToken);

    /// <remarks>They are a column of the row.</remarks>
    public Task PrepareSketchesAsync(Period pane, long first, long last, CancellationToken cancellationToken) => Task.CompletedTask;

    private static void BindKey(SqliteStatement statement, LongerPeriod longer)
    {
        statement.Bind(1, longer.Period.ToString());
        statement.Bind(2, longer.Source.ToString());
        statement.Bind(3, longer.IsChained ? 1L : 0L);
    }
}
