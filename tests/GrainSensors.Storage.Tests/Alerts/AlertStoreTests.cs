using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Storage.Tests.Alerts;

/// <summary>The contract of the alert tables, tested on each database.</summary>
public abstract partial class AlertStoreTests : IAsyncLifetime
{
    /// <summary>2026-11-24T10:00:00Z.</summary>
    protected const long Start = 1_795_514_400_000_000;

    private const long Second = 1_000_000;

    private IStore? _store;

    /// <summary>The system clock, because the clock of the database decides which silences are active.</summary>
    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    private IStore Store => _store!;

    private IAlertStore Alerts => Store.Alerts;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync(WindowStoreOptions? options = null);

    protected abstract Task ExecuteAsync(string sql);

    [Fact]
    public async Task An_alert_is_read_back_unchanged()
    {
        var extreme = Extreme(7, Start) with { Value = 31.25, Expected = 21.5 };
        var silence = Silence(8, Start + Second) with { LastReadingAt = null };
        await Alerts.WriteAsync([extreme, silence], Stop);
        Assert.Equal(extreme, Plain(await Alerts.FindAsync(extreme.Id, Stop)));
        Assert.Equal([silence, extreme], (await Alerts.QueryAsync(new(), Stop)).Select(Plain));
        Assert.Null(await Alerts.FindAsync(Guid.NewGuid(), Stop));
    }

    [Fact]
    public async Task Writing_an_alert_again_or_an_earlier_state_of_it_changes_nothing()
    {
        var raised = Extreme(7, Start);
        var cleared = raised with { ClearedAt = Start + (5 * Second) };
        var reopened = raised with { LastRaisedAt = Start + (9 * Second), Occurrences = 2 };
        await Alerts.WriteAsync([raised], Stop);
        await Alerts.WriteAsync([cleared], Stop);
        var written = await Alerts.FindAsync(raised.Id, Stop);
        await Alerts.WriteAsync([raised], Stop);
        await Alerts.WriteAsync([cleared], Stop);
        Assert.Equal(written, await Alerts.FindAsync(raised.Id, Stop));

        await Alerts.WriteAsync([reopened], Stop);
        await Alerts.WriteAsync([cleared], Stop);
        Assert.Equal(reopened, Plain(await Alerts.FindAsync(raised.Id, Stop)));
        Assert.Equal(AlertStatus.Raised, (await Alerts.FindAsync(raised.Id, Stop))!.Status);
    }

    [Fact]
    public async Task A_newer_alert_clears_the_open_one()
    {
        var (first, second) = (Extreme(7, Start), Extreme(7, Start + (60 * Second)));
        await Alerts.WriteAsync([first], Stop);
        await Alerts.WriteAsync([second, Silence(7, Start), Extreme(7, Start, "humidity")], Stop);
        Assert.Equal(Start + (60 * Second), (await Alerts.FindAsync(first.Id, Stop))!.ClearedAt);
        Assert.Equal(3, (await Alerts.CountOpenAsync(Stop)).Open);

        // A writer that is behind opens no second alert.
        await Alerts.WriteAsync([Extreme(7, Start + Second)], Stop);
        Assert.Equal(3, (await Alerts.CountOpenAsync(Stop)).Open);
        Assert.Null((await Alerts.FindAsync(second.Id, Stop))!.ClearedAt);
    }

    [Fact]
    public async Task The_database_enforces_one_open_alert_for_each_sensor_measurement_and_kind()
    {
        await Alerts.WriteAsync([Extreme(7, Start)], Stop);
        await Assert.ThrowsAnyAsync<Exception>(() => ExecuteAsync(
            $"""
            INSERT INTO alerts (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value,
                expected, last_reading_at, message, acknowledged_at, acknowledged_by, note, updated_at)
            SELECT '{Guid.NewGuid()}', sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value,
                expected, last_reading_at, message, acknowledged_at, acknowledged_by, note, updated_at FROM alerts
            """));
    }

    [Fact]
    public async Task Open_alerts_of_kinds_that_only_a_later_version_knows_are_counted()
    {
        var (alert, cleared) = (Extreme(7, Start), Extreme(9, Start));
        await Alerts.WriteAsync([alert, cleared with { ClearedAt = Start + Second }, Silence(7, Start)], Stop);
        await Alerts.AcknowledgeAsync(alert.Id, "ana", null, null, Stop);
        await ExecuteAsync("UPDATE alerts SET kind = 'forecast' WHERE kind = 'extreme'");
        var counts = await Alerts.CountOpenAsync(Stop);
        Assert.Equal((2, 1, 1, 0), (counts.Open, counts.Acknowledged, counts.ByKind["forecast"], counts.Of(AlertKind.Extreme)));
    }

    [Fact]
    public async Task An_acknowledgement_has_name_and_note_and_stays_when_the_alert_clears()
    {
        var alert = Extreme(7, Start);
        await Alerts.WriteAsync([alert, Silence(9, Start)], Stop);
        var acknowledged = await Alerts.AcknowledgeAsync(alert.Id, "ana", "Ana B.", "fan is off", Stop);
        Assert.Equal(AlertStatus.Acknowledged, acknowledged!.Status);
        Assert.Equal(("ana", "Ana B.", "fan is off"), (acknowledged.AcknowledgedBy, acknowledged.AcknowledgedFor, acknowledged.Note));
        Assert.NotNull(acknowledged.AcknowledgedAt);
        var counts = await Alerts.CountOpenAsync(Stop);
        Assert.Equal([("disconnected", 1), ("extreme", 1)], counts.ByKind.Select(kind => (kind.Key, kind.Value)).Order());
        Assert.Equal(1, counts.Acknowledged);

        var again = await Alerts.AcknowledgeAsync(alert.Id, "ben", null, null, Stop);
        Assert.Null(again!.AcknowledgedFor);
        Assert.Equal((acknowledged.AcknowledgedAt, "ben", "fan is off"), (again!.AcknowledgedAt, again.AcknowledgedBy, again.Note));
        await Alerts.WriteAsync([alert with { ClearedAt = Start + Second }], Stop);
        var cleared = await Alerts.FindAsync(alert.Id, Stop);
        Assert.Equal((AlertStatus.Cleared, "ben"), (cleared!.Status, cleared.AcknowledgedBy));
        Assert.Null(await Alerts.AcknowledgeAsync(Guid.NewGuid(), "ana", null, null, Stop));
    }

    [Fact]
    public async Task Several_alerts_are_acknowledged_at_once_unless_they_are_cleared_acknowledged_or_were_raised_again()
    {
        Alert[] alerts = [.. Enumerable.Range(1, 5).Select(sensor => Extreme(sensor, Start))];
        await Alerts.WriteAsync(alerts, Stop);
        await Alerts.AcknowledgeAsync(alerts[1].Id, "ana", null, "mine", Stop);
        await Alerts.WriteAsync([alerts[2] with { ClearedAt = Start + Second }], Stop);
        await Alerts.WriteAsync([alerts[3] with { ClearedAt = Start + Second }], Stop);
        await Alerts.WriteAsync([alerts[3] with { Occurrences = 2, LastRaisedAt = Start + (2 * Second) }], Stop);

        var wanted = alerts.Append(Extreme(6, Start)).ToDictionary(alert => alert.Id, _ => 1);
        var acknowledged = await Alerts.AcknowledgeOpenAsync(wanted, "link of ops", "Bo", "seen", Stop);

        Assert.Equal(new[] { alerts[0].Id, alerts[4].Id }.Order(), acknowledged.Order());
        var stored = await Task.WhenAll(alerts.Select(alert => Alerts.FindAsync(alert.Id, Stop)));
        Assert.Equal(
            ["link of ops for Bo: seen", "ana for : mine", " for : ", " for : ", "link of ops for Bo: seen"],
            stored.Select(alert => $"{alert!.AcknowledgedBy} for {alert.AcknowledgedFor}: {alert.Note}"));
        Assert.Empty(await Alerts.AcknowledgeOpenAsync(wanted, "link of ops", null, null, Stop));
        Assert.Empty(await Alerts.AcknowledgeOpenAsync(new Dictionary<Guid, int>(), "link of ops", null, null, Stop));
    }

    [Fact]
    public async Task A_query_is_filtered_and_paged_without_gaps_or_repetitions()
    {
        var alerts = Enumerable.Range(0, 40)
            .Select(i => (Sensor: i % 5, At: Start + (i / 4 * Second), Index: i))
            .Select(at => at.Index % 2 == 0
                ? Extreme(at.Sensor, at.At, at.Index % 3 == 0 ? "humidity" : "temperature")
                : Silence(at.Sensor, at.At))
            .Select(alert => alert with { ClearedAt = Start + (100 * Second) })
            .DistinctBy(alert => alert.Id)
            .ToList();
        await Alerts.WriteAsync(alerts, Stop);
        var open = Silence(77, Start + (3 * Second));
        await Alerts.WriteAsync([open], Stop);

        var pages = new List<Alert>();
        AlertCursor? after = null;
        while (await Alerts.QueryAsync(new() { After = after, Limit = 7 }, Stop) is { Count: > 0 } page)
        {
            pages.AddRange(page);
            Assert.True(AlertCursor.TryParse(AlertCursor.Of(page[^1]).ToString(), out var cursor));
            after = cursor;
        }

        Assert.Equal(alerts.Count + 1, pages.DistinctBy(alert => alert.Id).Count());
        Assert.Equal(alerts.Count + 1, pages.Count);
        Assert.Equal(pages.Select(alert => alert.RaisedAt).OrderDescending(), pages.Select(alert => alert.RaisedAt));

        Assert.Equal([open.Id], (await Alerts.QueryAsync(new() { Statuses = [AlertStatus.Raised] }, Stop)).Select(alert => alert.Id));
        await ExpectAsync(
            new() { Statuses = [AlertStatus.Cleared, AlertStatus.Raised], Kind = AlertKind.Extreme },
            alert => alert.Kind == AlertKind.Extreme);
        await ExpectAsync(new() { Level = AlertLevel.Error }, alert => alert.Level == AlertLevel.Error);
        await ExpectAsync(new() { Measurement = "humidity" }, alert => alert.Measurement == "humidity");
        await ExpectAsync(new() { SensorIds = [1, 77] }, alert => alert.SensorId is 1 or 77);
        await ExpectAsync(
            new() { From = Start + Second, To = Start + (3 * Second) },
            alert => alert.RaisedAt >= Start + Second && alert.RaisedAt < Start + (3 * Second));

        async Task ExpectAsync(AlertQuery query, Func<Alert, bool> condition)
        {
            var expected = alerts.Append(open).Where(condition).Select(alert => alert.Id).ToHashSet();
            Assert.NotEmpty(expected);
            Assert.Equal(expected, (await Alerts.QueryAsync(query, Stop)).Select(alert => alert.Id).ToHashSet());
        }
    }

    [Fact]
    public async Task Changes_are_read_in_the_order_of_writing()
    {
        await Alerts.WriteAsync([Extreme(1, Start), Extreme(2, Start)], Stop);
        var first = await Alerts.ReadChangesAsync(0, Guid.Empty, 100, Stop);
        Assert.Equal([1, 2], first.Select(alert => alert.SensorId).Order());
        Assert.Empty(await Alerts.ReadChangesAsync(first[^1].UpdatedAt, first[^1].Id, 100, Stop));
        Assert.Contains(await Alerts.ReadChangesAsync(first[^1].UpdatedAt, Guid.Empty, 100, Stop), alert => alert.Id == first[^1].Id);

        Clock.Advance(TimeSpan.FromSeconds(1));
        await Alerts.WriteAsync([Extreme(1, Start) with { ClearedAt = Start + Second }], Stop);
        var change = Assert.Single(await Alerts.ReadChangesAsync(first[^1].UpdatedAt, first[^1].Id, 100, Stop));
        Assert.Equal((1, AlertStatus.Cleared), (change.SensorId, change.Status));
        Assert.Single(await Alerts.ReadChangesAsync(0, Guid.Empty, 1, Stop));
    }

    [Fact]
    public async Task Alerts_that_cleared_before_the_cutoff_are_removed_and_open_ones_stay()
    {
        await Alerts.WriteAsync(
            [
                Extreme(1, Start) with { ClearedAt = Start + Second },
                Extreme(2, Start) with { ClearedAt = Start + (3 * Second) },
                Extreme(3, Start),
            ],
            Stop);
        Assert.Equal(1, await Alerts.RemoveAsync(Start + (2 * Second), Stop));
        Assert.Equal([2, 3], (await Alerts.QueryAsync(new(), Stop)).Select(alert => alert.SensorId).Order());
    }

    [Fact]
    public async Task An_alert_has_the_end_of_the_silence_of_its_sensor()
    {
        var (mine, other) = (Extreme(7, Start), Extreme(8, Start));
        await Alerts.WriteAsync([mine, other], Stop);
        var now = EpochTime.Now(Clock);
        var silence = new Silence(Guid.NewGuid(), 7, now - Second, now + (3600 * Second), "ana", "new probe");
        await Store.Silences.AddAsync(silence, Stop);
        Assert.Equal([silence], await Store.Silences.ReadAsync(Stop));
        Assert.Equal(silence.EndsAt, (await Alerts.FindAsync(mine.Id, Stop))!.SilencedUntil);
        Assert.Null((await Alerts.FindAsync(other.Id, Stop))!.SilencedUntil);

        Assert.True(await Store.Silences.EndAsync(silence.Id, Stop));
        Assert.False(await Store.Silences.EndAsync(silence.Id, Stop));
        Assert.Empty(await Store.Silences.ReadAsync(Stop));
        Assert.Null((await Alerts.FindAsync(mine.Id, Stop))!.SilencedUntil);

        var all = silence with { Id = Guid.NewGuid(), SensorId = null };
        await Store.Silences.AddAsync(all, Stop);
        Assert.Equal(all.EndsAt, (await Alerts.FindAsync(other.Id, Stop))!.SilencedUntil);
    }

    [Fact]
    public async Task A_sensor_report_is_stored_once_for_each_offset()
    {
        var source = new SourceId(Guid.NewGuid(), 1);
        var line = new SensorLogLine(source, 5, 7, "WARNING", "Sensor 7: measurement error", Start);
        await Store.SensorReports.WriteAsync([line, line with { Offset = 6, SensorId = 8, ReportedAt = Start + Second }], Stop);
        await Store.SensorReports.WriteAsync([line with { Message = "again" }], Stop);
        Assert.Equal([8, 7], (await Store.SensorReports.ReadAsync(null, 10, Stop)).Select(report => report.SensorId));
        Assert.Equal([line], await Store.SensorReports.ReadAsync(7, 10, Stop));
    }

    [Fact]
    public async Task A_sensor_is_registered_replaced_and_removed()
    {
        var sensor = new RegisteredSensor(7, "Valencia", "Viveros", 0.4, """{"timeout": "00:03:00"}""");
        await Store.Sensors.WriteAsync([sensor, new(3)], Stop);
        Assert.Equal([new(3), sensor], await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
        await Store.Sensors.WriteAsync([sensor with { Offset = -1, Overrides = null }], Stop);
        Assert.Equal(sensor with { Offset = -1, Overrides = null }, await Store.Sensors.FindAsync(7, Stop));
        Assert.Equal([9, 8], await Store.Sensors.RemoveAsync([7, 9, 8, 3], Stop));
        Assert.Equal(2, (await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop)).Count);
        Assert.Empty(await Store.Sensors.RemoveAsync([7, 7], Stop));
        Assert.Equal([7], await Store.Sensors.RemoveAsync([7], Stop));
        Assert.Null(await Store.Sensors.FindAsync(7, Stop));
    }

    protected static Alert Extreme(int sensor, long at, string measurement = "temperature") => new(
        AlertId.Of(sensor, measurement, AlertKind.Extreme, at), sensor, measurement, AlertKind.Extreme, AlertLevel.Warning,
        at, at, null, 1, 30, 20, at - Second, $"Sensor {sensor}: {measurement} 30");

    protected static Alert Silence(int sensor, long at) => new(
        AlertId.Of(sensor, "", AlertKind.Disconnected, at), sensor, "", AlertKind.Disconnected, AlertLevel.Error,
        at, at, null, 1, double.NaN, double.NaN, at - Second, $"Sensor {sensor}: disconnected");

    /// <summary>The alert without the columns that the store fills in.</summary>
    [Fact]
    public async Task A_forgotten_sensor_has_no_open_alert_and_no_registration_and_keeps_its_windows()
    {
        await Store.Sensors.WriteAsync([new(7), new(8)], Stop);
        var raised = EpochTime.Now(Clock) - Second;
        var (open, other, extreme) = (Silence(7, raised), Silence(8, raised), Extreme(9, raised));
        await Alerts.WriteAsync([open, other, extreme], Stop);
        var window = WindowRows.Row(10);
        await Store.WriteAsync(window);
        var before = await Alerts.FindAsync(open.Id, Stop);
        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(await Store.Sensors.ForgetAsync([7, 9, 10, 7], Stop));

        Assert.Equal([new(8)], await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
        var cleared = await Alerts.FindAsync(open.Id, Stop);
        Assert.NotNull(cleared!.ClearedAt);
        Assert.True(cleared.ClearedAt >= cleared.LastRaisedAt && cleared.UpdatedAt > before!.UpdatedAt);
        Assert.Equal([other], (await Alerts.QueryAsync(new() { Statuses = [AlertStatus.Raised] }, Stop)).Select(Plain));
        Assert.Single(await Store.ReadAsync(window));
        var forgotten = await Store.Sensors.ReadForgottenAsync(EpochTime.Min, Stop);
        Assert.Equal([7, 9, 10], forgotten.Select(sensor => sensor.SensorId).Order());
        Assert.All(forgotten, sensor => Assert.Equal(cleared.ClearedAt.Value, sensor.At, 60.0 * Second));
        Assert.Empty(await Store.Sensors.ReadForgottenAsync(forgotten.Max(sensor => sensor.At) + 1, Stop));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await Store.Sensors.ForgetAsync([7], Stop));
        Assert.Single(await Store.Sensors.ReadForgottenAsync(forgotten.Max(sensor => sensor.At) + 1, Stop));
    }

    [Fact]
    public async Task A_sensor_whose_clock_is_ahead_is_forgotten_until_its_last_reading_and_stays_so()
    {
        var (now, hour) = (EpochTime.Now(Clock), 3600 * Second);
        var ahead = WindowRows.Row(10, start: (now / hour * hour) + (5 * hour));
        var raised = now + (5 * hour);
        await Store.WriteAsync(ahead);
        await Alerts.WriteAsync([Extreme(11, raised)], Stop);

        for (var i = 0; i < 2; i++)
        {
            await Store.Sensors.WriteAsync([new(10)], Stop);
            Assert.Empty(await Store.Sensors.ForgetAsync([10, 11], Stop));
            Assert.Equal(
                [new(10, ahead.Key.End), new(11, raised)],
                (await Store.Sensors.ReadForgottenAsync(EpochTime.Min, Stop)).OrderBy(sensor => sensor.SensorId));
            await ExecuteAsync("DELETE FROM windows");
        }
    }

    [Fact]
    public async Task Nothing_is_forgotten_if_one_of_the_sensors_is_unknown()
    {
        await Store.Sensors.WriteAsync([new(7)], Stop);
        await Alerts.WriteAsync([Silence(7, Start)], Stop);

        Assert.Equal([8888, 1], await Store.Sensors.ForgetAsync([8888, 7, 1], Stop));

        Assert.Single(await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
        Assert.Single(await Alerts.QueryAsync(new() { Statuses = [AlertStatus.Raised] }, Stop));
        Assert.Empty(await Store.Sensors.ReadForgottenAsync(EpochTime.Min, Stop));
    }

    private static Alert? Plain(Alert? alert) => alert is null ? null : alert with { UpdatedAt = 0 };
}
