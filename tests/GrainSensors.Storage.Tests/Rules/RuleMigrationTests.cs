using System.Globalization;
using GrainSensors.Core.Alerts;

namespace GrainSensors.Storage.Tests.Rules;

/// <summary>Alerts of the program before rules as data.</summary>
[Trait("Category", "System")]
public sealed class RuleMigrationTests(PostgresServer server) : IDisposable
{
    private const string LastWithoutRules = "0051_contact_points.sql";

    private const string Columns =
        """
        alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected,
        last_reading_at, message, shard, acknowledged_at, acknowledged_by, note, updated_at, acknowledged_for
        """;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dialects => ["postgres", "sqlite"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Open_and_cleared_alerts_keep_all_that_they_have_and_get_the_rule_of_their_kind(string dialect)
    {
        await using var old = await OldStore.CreateAsync(dialect, LastWithoutRules, server, _directory);
        for (var i = 0; i < 300; i++)
        {
            await InsertAsync(old, i);
        }

        var before = await RowsAsync(old);
        await old.Store.PrepareAsync(Stop);
        Assert.Equal(before, await RowsAsync(old));
        Assert.Equal(500, before.Count);

        var alerts = await old.Store.Alerts.QueryAsync(new() { Limit = 1000 }, Stop);
        Assert.Equal(300, alerts.Count);
        Assert.All(alerts, alert => Assert.Equal(alert.Kind.Name(), alert.Rule));
        Assert.Equal(100, (await old.Store.Alerts.CountOpenAsync(Stop)).Open);
        Assert.Equal(200, (await old.Store.Alerts.ReadIntervalsAsync(new([.. alerts.Select(alert => alert.Id)]), Stop)).Count);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task An_alert_of_the_program_before_goes_on_and_is_cleared_by_a_newer_one(string dialect)
    {
        await using var old = await OldStore.CreateAsync(dialect, LastWithoutRules, server, _directory);
        await InsertAsync(old, 0);
        await InsertAsync(old, 3);
        await old.Store.PrepareAsync(Stop);
        var alerts = (await old.Store.Alerts.QueryAsync(new(), Stop)).OrderBy(alert => alert.SensorId).ToList();
        await old.Store.Alerts.WriteAsync([alerts[0] with { ClearedAt = 90_000_000 }], Stop);
        var newer = alerts[1] with { Id = Guid.NewGuid(), RaisedAt = 80_000_000, LastRaisedAt = 80_000_000 };
        var rule = newer with { Id = Guid.NewGuid(), Kind = AlertKind.Threshold, Rule = "warm" };
        await old.Store.Alerts.WriteAsync([rule], Stop);
        Assert.Null((await old.Store.Alerts.FindAsync(alerts[1].Id, Stop))!.ClearedAt);
        await old.Store.Alerts.WriteAsync([newer], Stop);

        Assert.Equal(90_000_000, (await old.Store.Alerts.FindAsync(alerts[0].Id, Stop))!.ClearedAt);
        Assert.Equal(80_000_000, (await old.Store.Alerts.FindAsync(alerts[1].Id, Stop))!.ClearedAt);
        Assert.Equal(2, (await old.Store.Alerts.CountOpenAsync(Stop)).Open);
    }

    /// <summary>Inserts an alert: of three, one is open, one cleared, and one acknowledged and cleared.</summary>
    private static async Task InsertAsync(OldStore old, int i)
    {
        var isSqlite = old.Dialect == "sqlite";
        string Time(int second) => isSqlite ? $"{second * 1_000_000L}" : $"to_timestamp({second})";
        var id = new Guid(i, 0, 0, new byte[8]);
        var kind = i % 2 == 0 ? "disconnected" : "extreme";
        var cleared = i % 3 == 0 ? "NULL" : Time(30 + i);
        var acknowledged = i % 3 == 2 ? $"{Time(25)}, 'bob', 'a ''note''', " : "NULL, NULL, NULL, ";
        var measurement = i % 2 == 0 ? "" : "temperature";
        var value = string.Create(CultureInfo.InvariantCulture, $"{i / 7.0}");
        await old.SelectAsync(
            $"""
            INSERT INTO alerts ({Columns})
            VALUES ('{id}', {i}, '{measurement}', '{kind}', 'WARNING', {Time(10)}, {Time(20)}, {cleared},
                {1 + (i % 4)}, {value}, NULL, {Time(9)}, 'Sensor {i}: ä', {i % 16}, {acknowledged}{Time(40 + i)}, NULL)
            """);
        if (i % 3 != 0)
        {
            await old.SelectAsync(
                "INSERT INTO alert_intervals (alert_id, occurrence, raised_at, cleared_at) "
                + $"VALUES ('{id}', 1, {Time(20)}, {Time(30 + i)})");
        }
    }

    /// <returns>All columns of the alerts and of the intervals.</returns>
    private static async Task<List<string>> RowsAsync(OldStore old)
    {
        var rows = await old.SelectAsync($"SELECT {Columns} FROM alerts ORDER BY sensor_id");
        rows.AddRange(await old.SelectAsync("SELECT alert_id, occurrence, raised_at, cleared_at FROM alert_intervals ORDER BY alert_id"));
        return [.. rows.Select(row => string.Join('|', row))];
    }
}
