using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>merged_windows</c> in SQLite.</summary>
internal sealed class SqliteMergedWindows(SqliteAccess access, TimeProvider clock) : IMergedWindowStore
{
    private const string Stale =
        """
        SELECT sensor_id, period, window_start, pane, token FROM merged_windows
        WHERE is_stale AND window_end <= ?1
        ORDER BY window_end, sensor_id, period
        LIMIT ?2
        """;

    private const string Merge =
        """
        UPDATE merged_windows
        SET statistics = ?5, token = ?6, revision = revision + (is_final AND statistics <> ?5), is_final = 1, is_stale = 0,
            updated_at = ?7, latest_at = ?8, latest_partition = ?9, latest_offset = ?10, latest_index = ?11
        WHERE sensor_id = ?1 AND period = ?2 AND window_start = ?3 AND token = ?4
            AND EXISTS (SELECT 1 FROM store_life WHERE id = ?12)
        """;

    private const string ByWindow =
        """
        SELECT sensor_id, period, window_start, pane, token, statistics, revision, is_final, is_stale, latest_at, latest_partition,
            latest_offset, latest_index
        FROM merged_windows
        WHERE sensor_id = ?1 AND period = ?2 AND window_start = ?3
        """;

    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <remarks>The primary key begins with the start, so panes are looked up one by one.</remarks>
    public Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(long endedBy, int limit, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<StaleWindow>>(
            session =>
            {
                using var statement = new SqliteStatement(session.Connection, Stale);
                statement.Bind(1, endedBy);
                statement.Bind(2, (long)limit);
                var (found, life) = (new List<StaleWindow>(), session.ReadLife());
                while (statement.Next())
                {
                    found.Add(new(ReadId(statement), StoredPeriod.Parse(statement.Text(3)), statement.Integer(4), life, []));
                }

                return found.ConvertAll(
                    window => window with { Panes = [.. session.Read([.. PanesOf(window)]).Where(pane => pane.IsFinal)] });
            },
            cancellationToken);

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowMerge> merges, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            using var statement = new SqliteStatement(session.Connection, Merge);
            var now = EpochTime.Now(clock);
            var outcomes = merges.Select(merge =>
            {
                BindKey(statement, merge.Window.Id);
                statement.Bind(4, merge.Window.RowVersion);
                statement.Bind(5, ToJson(merge.Statistics.Measurements));
                statement.Bind(6, merge.RowVersion);
                statement.Bind(7, now);
                SqliteLatestReadings.Bind(statement, 8, merge.Statistics.Latest);
                statement.Bind(12, merge.Window.Life.ToString("N"));
                return statement.Execute() == 1 ? WriteOutcome.Written : WriteOutcome.Refused;
            }).ToArray();
            transaction.Commit();
            return outcomes;
        },
        cancellationToken);

    public Task<IReadOnlyList<MergedWindow>> ReadAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<MergedWindow>>(
            session =>
            {
                using var statement = new SqliteStatement(session.Connection, ByWindow);
                var found = new List<MergedWindow>();
                foreach (var window in windows)
                {
                    BindKey(statement, window);
                    while (statement.Next())
                    {
                        found.Add(Read(statement));
                    }
                }

                return found;
            },
            cancellationToken);

    private static IEnumerable<WindowId> PanesOf(StaleWindow window)
    {
        for (var start = window.Id.Start; start < window.Id.End; start += window.Pane.TotalMicros)
        {
            yield return new(window.Id.SensorId, window.Pane, start);
        }
    }

    private static MergedWindow Read(SqliteStatement row)
    {
        var latest = row.IsNull(9)
            ? (ReadingOrder?)null
            : new(row.Integer(9), (int)row.Integer(10), row.Integer(11), (int)row.Integer(12));
        return new(
            ReadId(row), StoredPeriod.Parse(row.Text(3)), new(FromJson(row.Text(5)), latest), row.Integer(4), (int)row.Integer(6),
            row.Integer(7) != 0, row.Integer(8) != 0);
    }

    private static MergedWindowId ReadId(SqliteStatement row) =>
        new((int)row.Integer(0), WindowPeriod.Parse(row.Text(1)), row.Integer(2));

    private static void BindKey(SqliteStatement statement, MergedWindowId window)
    {
        statement.Bind(1, (long)window.SensorId);
        statement.Bind(2, window.Period.ToString());
        statement.Bind(3, window.Start);
    }

    private static string ToJson(IReadOnlyList<MeasuredStatistics> measurements) => JsonSerializer.Serialize(
        measurements.ToDictionary(
            measured => measured.Measurement,
            measured => new[]
            {
                measured.Statistics.Count, measured.Statistics.Mean, measured.Statistics.M2, measured.Statistics.Min,
                measured.Statistics.Max, measured.Last,
            }),
        Json);

    private static MeasuredStatistics[] FromJson(string text) =>
    [
        .. JsonSerializer.Deserialize<Dictionary<string, double[]>>(text, Json)!
            .Select(measured => new MeasuredStatistics(
                measured.Key,
                new((long)measured.Value[0], measured.Value[1], measured.Value[2], measured.Value[3], measured.Value[4]),
                measured.Value[5])),
    ];
}
