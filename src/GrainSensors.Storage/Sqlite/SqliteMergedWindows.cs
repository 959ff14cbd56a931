using System.Runtime.CompilerServices;
using System.Text.Json;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>merged_windows</c> in SQLite.</summary>
internal sealed class SqliteMergedWindows(
    SqliteAccess access, WindowStoreOptions options, KnownLongerPeriods longer, TimeProvider clock)
    : IMergedWindowStore
{
    public LongerPeriods Periods => longer.Current;

    public async Task SetPeriodsAsync(CancellationToken cancellationToken) => longer.Current =
        await access.WriteAsync(session => SqlitePeriods.Set(session.Connection, options, clock), cancellationToken);

    public async Task<LongerPeriods> ReadPeriodsAsync(CancellationToken cancellationToken) =>
        longer.Current = await access.ReadAsync(session => SqlitePeriods.Read(session.Connection), cancellationToken);

    public Task<long?> ReadStreamTimeAsync(long since, CancellationToken cancellationToken) => access.ReadAsync<long?>(
        session =>
        {
            using var statement = new SqliteStatement(
                session.Connection,
                "SELECT min(stream_time) FROM checkpoints WHERE updated_at >= ?1 AND open_from IS NOT NULL HAVING count(*) > 0");
            statement.Bind(1, since);
            long? time = null;
            while (statement.Next())
            {
                time = statement.Integer(0);
            }

            return time;
        },
        cancellationToken);

    public async Task<bool> TryRunAsync(Func<Task> merge, CancellationToken cancellationToken)
    {
        await merge();
        return true;
    }

    /// <remarks>The primary key begins with the start, so panes are looked up one by one.</remarks>
    public Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(
        long endedBy, long waitFrom, MergedWindowId? after, int limit, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<StaleWindow>>(
            session =>
            {
                using var statement = new SqliteStatement(session.Connection, SqliteMergedStatements.Stale);
                using var byWindow = new SqliteStatement(session.Connection, SqliteMergedStatements.ByWindow);
                statement.Bind(1, endedBy);
                statement.Bind(2, after?.End ?? long.MinValue);
                statement.Bind(3, after?.SensorId ?? int.MinValue);
                statement.Bind(4, after?.Period.ToString() ?? "");
                var (found, life) = (new List<StaleWindow>(), session.ReadLife());
                while (found.Count < limit && statement.Next())
                {
                    var window = ReadStale(statement, life);
                    if (PanesOf(window, statement.Integer(6) > waitFrom, session, byWindow) is { } panes)
                    {
                        found.Add(window with { Panes = panes });
                    }
                }

                return found;
            },
            cancellationToken);

    public Task<IReadOnlyList<StaleWindow>> ReadMergedAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<StaleWindow>>(
            session =>
            {
                using var statement = new SqliteStatement(
                    session.Connection, $"{SqliteMergedStatements.Key} AND is_final AND NOT is_stale");
                using var byWindow = new SqliteStatement(session.Connection, SqliteMergedStatements.ByWindow);
                var (found, life) = (new List<StaleWindow>(), session.ReadLife());
                foreach (var window in windows)
                {
                    BindKey(statement, window);
                    while (statement.Next())
                    {
                        var merged = ReadStale(statement, life);
                        if (PanesOf(merged, waits: false, session, byWindow) is { } panes)
                        {
                            found.Add(merged with { Panes = panes });
                        }
                    }
                }

                return found;
            },
            cancellationToken);

    public Task<IReadOnlyList<MergedWindowId>> MarkStaleAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
        access.WriteAsync<IReadOnlyList<MergedWindowId>>(
            session =>
            {
                using var transaction = session.Connection.BeginTransaction(deferred: false);
                var marked = windows.Where(session.StaleWindows.Mark).ToList();
                transaction.Commit();
                return marked;
            },
            cancellationToken);

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowMerge> merges, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            using var statement = new SqliteStatement(session.Connection, SqliteMergedStatements.Merge);
            using var byWindow = new SqliteStatement(session.Connection, SqliteMergedStatements.ByWindow);
            var now = EpochTime.Now(clock);
            var outcomes = merges.Select(merge =>
            {
                var before = Find(byWindow, merge.Window.Id);
                BindKey(statement, merge.Window.Id);
                statement.Bind(4, merge.Window.RowVersion);
                statement.Bind(5, SqliteMergedJson.OfStatistics(merge.Statistics.Measurements));
                statement.Bind(6, merge.RowVersion);
                statement.Bind(7, now);
                SqliteLatestReadings.Bind(statement, 8, merge.Statistics.Latest);
                statement.Bind(12, merge.Window.Life.ToString("N"));
                statement.Bind(13, SqliteMergedJson.OfSketches(merge.Statistics.Measurements));
                statement.Bind(14, before is [var row] && !row.Statistics.HasValuesOf(merge.Statistics) ? 1L : 0L);
                if (statement.Execute() != 1)
                {
                    return WriteOutcome.Refused;
                }

                session.StaleWindows.Change(merge.Window.Id);
                return WriteOutcome.Written;
            }).ToArray();
            transaction.Commit();
            return outcomes;
        },
        cancellationToken);

    public Task<IReadOnlyList<MergedWindow>> ReadDueAsync(int limit, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<MergedWindow>>(
            session =>
            {
                using var statement = new SqliteStatement(session.Connection, SqliteMergedStatements.Due);
                statement.Bind(1, (long)limit);
                return ReadAll(statement);
            },
            cancellationToken);

    public Task AnnouncedAsync(IReadOnlyList<MergedWindow> windows, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            using var statement = new SqliteStatement(session.Connection, SqliteMergedStatements.Announced);
            foreach (var window in windows)
            {
                BindKey(statement, window.Id);
                statement.Bind(4, window.RowVersion);
                statement.Execute();
            }

            transaction.Commit();
            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<MergedWindow>> ReadAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<MergedWindow>>(
            session =>
            {
                using var statement = new SqliteStatement(session.Connection, SqliteMergedStatements.ByWindow);
                return windows.SelectMany(window => Find(statement, window)).ToList();
            },
            cancellationToken);

    public async IAsyncEnumerable<MergedWindow> QueryAsync(
        IReadOnlyList<int>? sensorIds, WindowPeriod period, long from, long to,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await access.ReadAsync(
            session =>
            {
                using var statement = new SqliteStatement(session.Connection, SqliteMergedStatements.InRange);
                statement.Bind(1, period.ToString());
                statement.Bind(2, from);
                statement.Bind(3, to);
                if (sensorIds is not null)
                {
                    statement.Bind(4, JsonSerializer.Serialize(sensorIds));
                }

                return ReadAll(statement);
            },
            cancellationToken);
        foreach (var window in found)
        {
            yield return window;
        }
    }

    private static StaleWindow ReadStale(SqliteStatement row, Guid life) => new(
        ReadId(row), StoredPeriod.ParseLonger(row.Text(3)), row.Integer(4) != 0, row.Integer(5), life, []);

    /// <returns>The final panes of a window; null: it waits for one.</returns>
    private static List<WindowPane>? PanesOf(StaleWindow window, bool waits, SqliteReadSession session, SqliteStatement byWindow)
    {
        var panes = new List<WindowPane>();
        for (var start = window.Id.Start; start < window.Id.End; start = window.Source.EndOf(start))
        {
            var (pane, isFinal, isStale) = window.IsChained
                ? Find(byWindow, new(window.Id.SensorId, window.Source, start)) is [var merged]
                    ? (new WindowPane(start, merged.Statistics.Measurements, merged.Statistics.Latest), merged.IsFinal, merged.IsStale)
                    : default
                : session.Read([new(window.Id.SensorId, window.Source.Size, start)]) is [var stored]
                    ? (WindowPane.Of(stored), stored.IsFinal, false)
                    : default;
            if (pane is not null && (isStale || (!isFinal && waits)))
            {
                return null;
            }

            if (isFinal)
            {
                panes.Add(pane!);
            }
        }

        return panes;
    }

    private static List<MergedWindow> Find(SqliteStatement byWindow, MergedWindowId window)
    {
        BindKey(byWindow, window);
        return ReadAll(byWindow);
    }

    private static List<MergedWindow> ReadAll(SqliteStatement statement)
    {
        var found = new List<MergedWindow>();
        while (statement.Next())
        {
            found.Add(Read(statement));
        }

        return found;
    }

    private static MergedWindow Read(SqliteStatement row)
    {
        var latest = row.IsNull(9)
            ? (ReadingOrder?)null
            : new(row.Integer(9), (int)row.Integer(10), row.Integer(11), (int)row.Integer(12));
        var measured = SqliteMergedJson.Read(row.Text(5), row.IsNull(13) ? null : row.Text(13));
        return new(
            ReadId(row), StoredPeriod.ParseLonger(row.Text(3)), new(measured, latest), row.Integer(4), (int)row.Integer(6),
            row.Integer(7) != 0, row.Integer(8) != 0);
    }

    private static MergedWindowId ReadId(SqliteStatement row) =>
        new((int)row.Integer(0), StoredPeriod.ParseLonger(row.Text(1)), row.Integer(2));

    private static void BindKey(SqliteStatement statement, MergedWindowId window)
    {
        statement.Bind(1, (long)window.SensorId);
        statement.Bind(2, window.Period.ToString());
        statement.Bind(3, window.Start);
    }
}
