using System.Globalization;
using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Grafana;

/// <summary>Every query of every panel, against the schema that a silo makes, as its owner.</summary>
[Trait("Category", "System")]
public sealed class PanelSqlTests(PostgresServer server) : IAsyncLifetime
{
    private const string AlertColumns =
        "alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, "
        + "value, expected, message, updated_at";

    private static readonly DateTime Now = new(2026, 11, 24, 12, 0, 0, DateTimeKind.Utc);
    private NpgsqlDataSource _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create($"{await server.CreateDatabaseAsync()};Options=-c default_transaction_read_only=off");
        await using var store = new PostgresWindowStore(_database);
        await store.PrepareAsync(TestContext.Current.CancellationToken);
        var now = Now.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var disconnected =
            $"1, '', 'disconnected', 'ERROR', '{now}'::timestamptz - interval '1 hour', '{now}', NULL, 1, NULL, NULL, "
            + "'Sensor 1: disconnected'";
        var extreme =
            $"2, 'temperature', 'extreme', 'WARNING', '{now}'::timestamptz - interval '2 hours', '{now}', "
            + $"'{now}'::timestamptz - interval '1 hour', 1, 60, 20, 'Sensor 2: extreme'";
        await _database.ExecuteAsync(
            $"""
            INSERT INTO windows (
                sensor_id, period, window_start, window_end, metrics, statistics, marks, token, revision, is_final, is_due, updated_at)
            SELECT sensor, 'PT15M', start, start + interval '15 minutes', ARRAY['humidity', 'temperature'],
                ARRAY[[900, 20, 8100, 17, 23], [900, 20, 8100, 17, 23]], '', 1, 0, true, false, start
            FROM generate_series(1, 3) AS sensor,
                generate_series('{now}'::timestamptz - interval '6 hours', '{now}', interval '15 minutes') AS start;
            INSERT INTO sensors (sensor_id, city, station) VALUES (1, 'Lisbon', 'harbour');
            INSERT INTO alerts ({AlertColumns}) VALUES
                (gen_random_uuid(), {disconnected}, '{now}'),
                (gen_random_uuid(), {extreme}, '{now}')
            """);
    }

    [Fact]
    public async Task Runs_and_shows_what_is_there() => Assert.Equal(16, await ForAllAsync(async (dashboard, panel, sql) =>
    {
        // Variables list what is there now, not what was there at the time that is shown.
        if (!panel.StartsWith("variable", StringComparison.Ordinal))
        {
            var rows = await _database.SelectAsync(sql);
            Assert.True(rows.Count > 0, $"{dashboard}, \"{panel}\" shows nothing.");
        }
    }));

    [Fact]
    public async Task A_time_series_has_a_time_first_and_numbers_after_it() => await ForAllAsync(async (dashboard, panel, sql) =>
    {
        var target = dashboard.Panels.FirstOrDefault(p => p["title"]!.GetValue<string>() == panel)?["targets"]![0]!;
        await using var command = _database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(i => (Name: reader.GetName(i), Type: reader.GetFieldType(i))).ToList();
        Assert.Distinct(columns.Select(column => column.Name));
        if (target?["format"]!.GetValue<string>() == "time_series")
        {
            Assert.Equal("time", columns[0].Name);
            Assert.All(
                columns.Skip(1).Where(column => column.Name != "metric"),
                column => Assert.Contains(column.Type, new[] { typeof(double), typeof(long), typeof(int), typeof(decimal) }));
        }
    });

    [Fact]
    public async Task The_log_has_the_raising_and_the_clearing_of_alerts_newest_first()
    {
        var dashboard = Dashboard.All.Single(d => d.File == "alerts.json");
        var log = await _database.SelectAsync(dashboard.SqlQueries(Now).Single(query => query.Panel == "Log").Sql);

        Assert.Equal(
            [("ERROR", "Sensor 1: disconnected"), ("INFO", "Sensor 2: extreme is over"), ("WARNING", "Sensor 2: extreme")],
            log.Select(row => ((string)row[1]!, (string)row[2]!)).Order());
        Assert.Equal(log.OrderByDescending(row => (DateTime)row[0]!), log);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<int> ForAllAsync(Func<Dashboard, string, string, Task> check)
    {
        var count = 0;
        foreach (var dashboard in Dashboard.All)
        {
            foreach (var (panel, sql) in dashboard.SqlQueries(Now))
            {
                try
                {
                    await check(dashboard, panel, sql);
                }
                catch (PostgresException e)
                {
                    Assert.Fail($"{dashboard}, \"{panel}\": {e.MessageText}\n{sql}");
                }

                count++;
            }
        }

        return count;
    }
}
