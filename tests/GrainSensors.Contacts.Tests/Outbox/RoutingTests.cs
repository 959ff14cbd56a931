using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Points;
using GrainSensors.Contacts.Routes;
using GrainSensors.Contacts.Tests.Delivery;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Contacts.Tests.Outbox;

/// <summary>The way of alerts through routes and groups to contact points, on each database.</summary>
public abstract partial class RoutingTests : IAsyncLifetime
{
    private static readonly string Key = Convert.ToBase64String(new byte[SecretBox.KeyBytes]);

    private readonly RecordingKind _kind = new();
    private readonly RecordedLog<NotificationSender> _log = new();
    private readonly List<OutboxProcess> _processes = [];
    private IStore? _store;

    /// <summary>Behind the clock by which PostgreSQL decides which silences have ended.</summary>
    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow - TimeSpan.FromDays(1));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IStore Store => _store!;

    private long Now => EpochTime.Now(Clock);

    private IEnumerable<string> Sent => _kind.Sent.Select(sent => $"{sent.Contact}: {NoticeText.Title(sent.Notification.Notice)}");

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
        foreach (var name in (string[])["ops", "boss", "night"])
        {
            await Start().Points.WriteAsync(
                new(name, RecordingKind.Word, true, new(new Dictionary<string, string> { ["note"] = name }, ContactValues.None.Secrets)),
                new Dictionary<string, string?> { ["url"] = "https://example.org/topsecret-path" },
                "test",
                Stop);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<IStore> OpenAsync();

    [Fact]
    public async Task A_gateway_of_400_sensors_that_dies_is_one_message_and_one_recovery()
    {
        await RegisterAsync(1, 400, "gw1");
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":["gateway","kind"],"group_wait":"30s"}""");
        List<Alert> alerts = [];
        for (var sensor = 1; sensor <= 400; sensor++)
        {
            alerts.Add(Alert(sensor));
            if (sensor % 40 == 0)
            {
                await RaiseAsync(process, [.. alerts.TakeLast(40)]);
                await AdvanceAsync(process, 1);
            }
        }

        Assert.Empty(Sent);
        await AdvanceAsync(process, 30);
        Assert.Equal(["ops: ERROR: 400 open alerts (gateway=gw1, kind=disconnected)"], Sent);
        var notice = _kind.Sent[0].Notification.Notice;
        Assert.Equal((400, 400, "Valencia", null), (notice.OpenAlerts, notice.Alerts!.Count, notice.City, notice.Station));
        Assert.Contains("and 380 more", NoticeText.Plain(notice), StringComparison.Ordinal);

        await AdvanceAsync(process, 3600);
        foreach (var some in alerts.Chunk(80))
        {
            await ClearAsync(process, some);
            await AdvanceAsync(process, 2);
        }

        await AdvanceAsync(process, 3600);
        Assert.Equal(["ops: CLEARED: 400 cleared alerts (gateway=gw1, kind=disconnected)"], Sent.Skip(1));
        Assert.Equal(_kind.Sent[0].Notification.Notice.IncidentId, _kind.Sent[1].Notification.Notice.IncidentId);
        Assert.All(
            [alerts[0], alerts[399]],
            alert => Assert.Equal(
                2, Store.Contacts.Notifications.ReadAsync(new() { AlertId = alert.Id }, Stop).GetAwaiter().GetResult().Count));
    }

    [Fact]
    public async Task Groups_are_told_apart_and_a_group_of_one_alert_has_its_notice()
    {
        await RegisterAsync(1, 2, "gw1");
        await RegisterAsync(3, 1, "gw2");
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":["gateway"]}""");
        await RaiseAsync(process, Alert(1), Alert(2), Alert(3));
        await AdvanceAsync(process, 31);
        Assert.Equal(
            ["ops: ERROR: 2 open alerts (gateway=gw1)", "ops: ERROR: Sensor 3: disconnected (Valencia, Station 3)"], Sent.Order());
        var single = _kind.Sent.Single(sent => sent.Notification.Notice.Alerts is null).Notification.Notice;
        Assert.Equal(("3", "https://sensors.example.org/sensors/3"), (single.SensorId, single.Url));
    }

    [Fact]
    public async Task Changes_of_a_group_wait_for_the_interval_and_recoveries_go_to_everyone_who_was_told()
    {
        var process = await RouteAsync(
            """
            {"contacts":["ops"],"group_by":[],"group_wait":"10s","group_interval":"5m","routes":[
              {"match":["kind=disconnected"],"contacts":["ops","boss"]}]}
            """);
        var (first, second) = (Alert(1), Alert(2));
        await RaiseAsync(process, first);
        await AdvanceAsync(process, 11);
        Assert.Equal(["boss", "ops"], _kind.Sent.Select(sent => sent.Contact).Order());

        await RaiseAsync(process, second);
        await AdvanceAsync(process, 200);
        Assert.Equal(2, _kind.Sent.Count);
        await process.Routes.WriteAsync(
            RouteDocument.Parse(
                """{"contacts":[],"group_by":[],"group_wait":"10s","routes":[{"match":["kind=disconnected"],"contacts":["ops"]}]}"""),
            null, "ana", Stop);
        await AdvanceAsync(process, 100);
        Assert.Equal(["boss: ERROR: 2 open alerts", "ops: ERROR: 2 open alerts"], Sent.Skip(2).Order());

        // The first recovery waits for the others, and the last one for nothing but the interval.
        await AdvanceAsync(process, 400);
        await ClearAsync(process, first);
        await AdvanceAsync(process, 299);
        Assert.Equal(4, _kind.Sent.Count);
        await AdvanceAsync(process, 2);
        Assert.Equal(["boss: ERROR: 1 open alert, 1 cleared", "ops: ERROR: 1 open alert, 1 cleared"], Sent.Skip(4).Order());
        await AdvanceAsync(process, 400);
        await ClearAsync(process, second);
        await AdvanceAsync(process, 1);
        Assert.Equal(["boss: CLEARED: Sensor 2: disconnected", "ops: CLEARED: Sensor 2: disconnected"], Sent.Skip(6).Order());
    }

    [Fact]
    public async Task An_alert_that_clears_within_the_wait_is_not_told_and_one_that_lasted_longer_is()
    {
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":["..."],"group_wait":"30s"}""");
        var blip = Alert(1);
        await RaiseAsync(process, blip);
        await AdvanceAsync(process, 10);
        await ClearAsync(process, blip);
        await AdvanceAsync(process, 100);
        Assert.Empty(Sent);

        // Both changes are read after an outage of the silo.
        var (@short, @long) = (Alert(2), Alert(3));
        Clock.Advance(TimeSpan.FromSeconds(10));
        await StoreAsync(Cleared(@short));
        Clock.Advance(TimeSpan.FromSeconds(50));
        await StoreAsync(Cleared(@long));
        await process.TellAsync(await FindAsync(@short), await FindAsync(@long));
        await AdvanceAsync(process, 31);
        await process.TellAsync(await FindAsync(@short), await FindAsync(@long));
        await AdvanceAsync(process, 100);
        Assert.Equal(["ops: CLEARED: Sensor 3: connected again"], Sent);
    }

    [Fact]
    public async Task An_alert_that_reopens_in_its_group_is_told_again_and_a_closed_group_begins_anew()
    {
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":[],"group_wait":"0s","group_interval":"60s"}""");
        var (one, two) = (Alert(1), Alert(2));
        await RaiseAsync(process, one, two);
        await AdvanceAsync(process, 1);
        await ClearAsync(process, one);
        await AdvanceAsync(process, 61);
        await RaiseAsync(process, one with { Occurrences = 2, LastRaisedAt = Now });
        await AdvanceAsync(process, 61);
        Assert.Equal(["ops: ERROR: 2 open alerts", "ops: ERROR: 1 open alert, 1 cleared", "ops: ERROR: 2 open alerts"], Sent);
        await ClearAsync(process, one with { Occurrences = 2 }, two);
        await AdvanceAsync(process, 61);
        await RaiseAsync(process, Alert(1));
        await AdvanceAsync(process, 1);
        Assert.Equal(["ops: CLEARED: 2 cleared alerts", "ops: ERROR: Sensor 1: disconnected"], Sent.Skip(3));
        Assert.Equal(2, _kind.Sent.Select(sent => sent.Notification.Notice.IncidentId).Distinct().Count());
        Assert.Equal(5, _kind.Sent.Select(sent => sent.Notification.Key).Distinct().Count());
    }

    [Fact]
    public async Task Reminders_come_until_the_alert_is_acknowledged_or_clears()
    {
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":["..."],"group_wait":"0s","repeat_interval":"1h"}""");
        var (one, two) = (Alert(1), Alert(2));
        await RaiseAsync(process, one, two);
        await AdvanceAsync(process, 1);
        _kind.Sent.Clear();
        await AdvanceAsync(process, 3600);
        Assert.Equal(
            ["ops: REMINDER, ERROR: Sensor 1: disconnected", "ops: REMINDER, ERROR: Sensor 2: disconnected"], Sent.Order());
        await Store.Alerts.AcknowledgeAsync(one.Id, "ana", null, null, Stop);
        await AdvanceAsync(process, 3600);
        Assert.Equal(["ops: REMINDER, ERROR: Sensor 2: disconnected"], Sent.Skip(2));
        await ClearAsync(process, one, two);
        await AdvanceAsync(process, 10_000);
        Assert.Equal(["ops: CLEARED: Sensor 1: disconnected", "ops: CLEARED: Sensor 2: disconnected"], Sent.Skip(3).Order());
    }

    [Fact]
    public async Task An_escalation_goes_on_until_the_alert_is_acknowledged_and_recovery_goes_to_everyone_who_was_told()
    {
        var process = await RouteAsync(
            """
            {"contacts":["ops"],"group_by":[],"group_wait":"0s","repeat_interval":"0s","steps":[
              {"after":"15m","contacts":["boss"]},{"after":"1h","contacts":["night"]}]}
            """);
        var alert = Alert(1);
        await RaiseAsync(process, alert);
        await AdvanceAsync(process, 1);
        await AdvanceAsync(process, 899);
        Assert.Equal(["ops: ERROR: Sensor 1: disconnected"], Sent);
        await AdvanceAsync(process, 2);
        await AdvanceAsync(process, 100);
        Assert.Equal(["boss: ESCALATION, ERROR: Sensor 1: disconnected"], Sent.Skip(1));

        await Store.Alerts.AcknowledgeAsync(alert.Id, "ana", null, null, Stop);
        await AdvanceAsync(process, 7200);
        Assert.Equal(2, _kind.Sent.Count);

        // A further alert begins the escalation anew.
        var second = Alert(2);
        await RaiseAsync(process, second);
        await AdvanceAsync(process, 1);
        await AdvanceAsync(process, 901);
        Assert.Equal(
            ["boss: ERROR: 2 open alerts", "ops: ERROR: 2 open alerts", "boss: ESCALATION, ERROR: Sensor 2: disconnected"],
            Sent.Skip(2).Take(2).Order().Concat(Sent.Skip(4)));
        await AdvanceAsync(process, 2701);
        Assert.Equal(["night: ESCALATION, ERROR: Sensor 2: disconnected"], Sent.Skip(5));
        await ClearAsync(process, alert, second);
        await AdvanceAsync(process, 301);
        Assert.Equal(
            ["boss: CLEARED: 2 cleared alerts", "night: CLEARED: 2 cleared alerts", "ops: CLEARED: 2 cleared alerts"],
            Sent.Skip(6).Order());
        await AdvanceAsync(process, 10_000);
        Assert.Equal(9, _kind.Sent.Count);
    }

    [Fact]
    public async Task Of_50_escalations_none_is_lost_and_none_is_added_twice_when_processes_are_killed()
    {
        var process = await RouteAsync(
            """
            {"contacts":["ops"],"group_by":["..."],"group_wait":"0s","repeat_interval":"0s","steps":[{"after":"15m","contacts":["boss"]}]}
            """);
        await RaiseAsync(process, [.. Enumerable.Range(1, 50).Select(Alert)]);
        await AdvanceAsync(process, 1);
        Clock.Advance(TimeSpan.FromMinutes(15));
        _kind.Hang = new();
        using var hang = _kind.Hang;
        var killed = Start();
        await Task.WhenAll(killed.StartSendingAsync(), Start().StartSendingAsync());
        await Until.Async(() => _kind.Attempts.Count > 50, () => $"{_kind.Attempts.Count} attempts", TimeSpan.FromSeconds(30));
        _kind.Hang = null;
        for (var i = 0; i < 20; i++)
        {
            await AdvanceAsync(Start(), 10);
        }

        var escalations = _kind.Sent.Where(sent => sent.Contact == "boss").Select(sent => sent.Notification).ToList();
        Assert.Equal(50, escalations.Count);
        Assert.Equal(50, escalations.Select(sent => sent.Notice.SensorId).Distinct().Count());
        Assert.Equal(50, escalations.Select(sent => sent.Key).Distinct().Count());
        Assert.Equal(100, (await Store.Contacts.Notifications.ReadAsync(new() { Limit = 1000 }, Stop)).Count);
        await hang.CancelAsync();
    }

    [Fact]
    public async Task In_a_maintenance_window_nothing_is_sent_and_what_is_still_open_is_told_after_it()
    {
        string Time(int minutes) => EpochTime.ToIso8601(Now + EpochTime.From(TimeSpan.FromMinutes(minutes)));
        var process = await RouteAsync(
            $$"""
            {"contacts":["ops"],"group_by":["..."],"group_wait":"0s","mute":["move"],
             "maintenance":[{"name":"move","from":"{{Time(10)}}","to":"{{Time(70)}}"}]}
            """);
        var (before, passed, open) = (Alert(1), Alert(2), Alert(3));
        await RaiseAsync(process, before);
        await AdvanceAsync(process, 1);
        await AdvanceAsync(process, 600);
        await RaiseAsync(process, passed, open);
        await AdvanceAsync(process, 600);
        await ClearAsync(process, before, passed);
        await AdvanceAsync(process, 600);
        Assert.Equal(["ops: ERROR: Sensor 1: disconnected"], Sent);
        await AdvanceAsync(process, 2400);
        Assert.Equal(["ops: CLEARED: Sensor 1: disconnected", "ops: ERROR: Sensor 3: disconnected"], Sent.Skip(1).Order());
    }

    [Fact]
    public async Task A_silenced_alert_is_left_out_and_is_told_when_its_silence_ends()
    {
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":[],"group_wait":"30s","group_interval":"1m"}""");
        var (loud, silenced) = (Alert(1), Alert(2));
        await RaiseAsync(process, loud, silenced);
        var silence = new Silence(Guid.NewGuid(), 2, Now - 1, Now + EpochTime.From(TimeSpan.FromDays(10)), "ana", "new probe");
        await Store.Silences.AddAsync(silence, Stop);
        await AdvanceAsync(process, 31);
        Assert.Equal(["ops: ERROR: Sensor 1: disconnected"], Sent);
        await Store.Silences.EndAsync(silence.Id, Stop);
        await RaiseAsync(process, silenced);
        await AdvanceAsync(process, 61);
        Assert.Equal(["ops: ERROR: 2 open alerts"], Sent.Skip(1));
    }

    /// <summary>Processes end without notice before and after each write.</summary>
    [Fact]
    public async Task Processes_that_are_killed_lose_no_message_and_add_none_twice()
    {
        await RouteAsync("""{"contacts":["ops"],"group_by":[],"group_wait":"30s"}""");
        var alerts = Enumerable.Range(1, 5).Select(Alert).ToArray();
        await StoreAsync(alerts);
        foreach (var alert in alerts)
        {
            await Start().TellAsync(await FindAsync(alert));
            await Start().TellAsync(await FindAsync(alert));
        }

        Clock.Advance(TimeSpan.FromSeconds(31));
        var dead = Start();
        _kind.Hang = new();
        using var hang = _kind.Hang;
        await dead.StartSendingAsync();
        await Until.Async(() => _kind.Attempts.Count == 1, () => $"{_kind.Attempts.Count} attempts", TimeSpan.FromSeconds(30));
        _kind.Hang = null;
        foreach (var process in (OutboxProcess[])[Start(), Start()])
        {
            await process.TellAsync([.. await Task.WhenAll(alerts.Select(FindAsync))]);
            await process.SendAsync();
        }

        Clock.Advance(TimeSpan.FromSeconds(61));
        await Start().SendAsync();
        Assert.Equal(["ops: ERROR: 5 open alerts"], Sent);
        Assert.Single(_kind.Attempts.Distinct());
        Assert.Single(await Store.Contacts.Notifications.ReadAsync(new(), Stop));
        await hang.CancelAsync();
        await dead.SendAsync();
    }

    [Fact]
    public async Task Two_processes_at_once_make_one_group_and_one_message()
    {
        var (one, two) = (await RouteAsync("""{"contacts":["ops"],"group_by":[],"group_wait":"0s"}"""), Start());
        var alerts = Enumerable.Range(1, 20).Select(Alert).ToArray();
        await StoreAsync(alerts);
        await Task.WhenAll(one.TellAsync(alerts), two.TellAsync(alerts));
        await Task.WhenAll(one.SendAsync(), two.SendAsync());
        Assert.Equal(["ops: ERROR: 20 open alerts"], Sent);
    }

    [Fact]
    public async Task Without_routes_every_contact_point_is_told_and_a_change_of_routes_tells_nothing_twice()
    {
        var process = Start();
        var (before, after) = (Alert(1), Alert(2));
        await RaiseAsync(process, before);
        await AdvanceAsync(process, 1);
        Assert.Equal(3, _kind.Sent.Count);

        await RouteAsync("""{"contacts":["ops"],"group_by":["..."],"group_wait":"0s"}""");
        await RaiseAsync(process, before, after);
        await AdvanceAsync(process, 60);
        Assert.Equal(["ops: ERROR: Sensor 2: disconnected"], Sent.Skip(3));

        await process.Routes.WriteAsync(null, null, "ana", Stop);
        await RaiseAsync(process, before, after);
        await AdvanceAsync(process, 60);
        Assert.Equal(4, _kind.Sent.Count);
        await ClearAsync(process, before, after);
        await AdvanceAsync(process, 60);
        Assert.Equal(
            [
                "boss: CLEARED: Sensor 1: disconnected", "night: CLEARED: Sensor 1: disconnected",
                "ops: CLEARED: Sensor 1: disconnected", "ops: CLEARED: Sensor 2: disconnected",
            ],
            Sent.Skip(4).Order());
    }

    [Fact]
    public async Task An_alert_that_waits_in_a_route_that_is_removed_goes_to_the_new_one()
    {
        var process = await RouteAsync(
            """{"contacts":[],"group_wait":"30s","routes":[{"match":["kind=disconnected"],"contacts":["ops"]}]}""");
        var alert = Alert(1);
        await RaiseAsync(process, alert);
        await RouteAsync("""{"contacts":[],"group_wait":"30s","routes":[{"match":["severity=critical"],"contacts":["boss"]}]}""");
        await RaiseAsync(process, alert);
        await AdvanceAsync(process, 31);
        Assert.Equal(["boss: ERROR: Sensor 1: disconnected"], Sent);
    }

    [Fact]
    public async Task Routes_have_versions_and_a_write_of_an_old_one_is_refused()
    {
        var routes = Start().Routes;
        var document = RouteDocument.Parse("""{"contacts":["ops"]}""");
        Assert.Equal(1, (await routes.WriteAsync(document, 0, "ana", Stop))?.Version);
        Assert.Null(await routes.WriteAsync(document, 0, "bo", Stop));
        Assert.Null(await routes.WriteAsync(document, 7, "bo", Stop));
        Assert.Equal(2, (await routes.WriteAsync(document, 1, "bo", Stop))?.Version);
        Assert.Equal(3, (await routes.WriteAsync(null, null, "cy", Stop))?.Version);
        var latest = await routes.ReadAsync(Stop);
        Assert.Equal((3, null, "cy"), (latest!.Version, latest.Document, latest.ChangedBy));
    }

    [Fact]
    public async Task Groups_are_removed_with_their_notifications()
    {
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":["..."],"group_wait":"0s"}""");
        var (gone, open) = (Alert(1), Alert(2));
        await RaiseAsync(process, gone, open);
        await AdvanceAsync(process, 1);
        await ClearAsync(process, gone);
        await AdvanceAsync(process, 400);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Store.Alerts.RemoveAsync(Now, Stop);
        Assert.Empty(await Store.Contacts.Groups.FindOfAlertsAsync([gone.Id], Stop));
        var left = Assert.Single(await Store.Contacts.Notifications.ReadAsync(new(), Stop));
        Assert.Equal(left.Added.GroupId, Assert.Single(await Store.Contacts.Groups.FindOfAlertsAsync([open.Id], Stop)).Id);
    }

    private async Task<OutboxProcess> RouteAsync(string json)
    {
        var process = Start();
        await process.Routes.WriteAsync(RouteDocument.Parse(json), null, "ana", Stop);
        return process;
    }

    private OutboxProcess Start()
    {
        var process = new OutboxProcess(Store, _kind, Clock, _log, Key);
        _processes.Add(process);
        return process;
    }

    private Task RegisterAsync(int first, int count, string gateway) => Store.Sensors.WriteAsync(
        [
            .. Enumerable.Range(first, count).Select(sensor => new Storage.Sensors.RegisteredSensor(sensor, "Valencia", $"Station {sensor}")
            {
                Tags = SensorTags.Of([new("gateway", gateway)]),
            }),
        ],
        Stop);

    private async Task RaiseAsync(OutboxProcess process, params Alert[] alerts)
    {
        await StoreAsync(alerts);
        await process.TellAsync([.. await Task.WhenAll(alerts.Select(FindAsync))]);
    }

    private Task ClearAsync(OutboxProcess process, params Alert[] alerts) => RaiseAsync(process, [.. alerts.Select(Cleared)]);

    private Task StoreAsync(params Alert[] alerts) => Store.Alerts.WriteAsync(alerts, Stop);

    private async Task<Alert> FindAsync(Alert alert) => (await Store.Alerts.FindAsync(alert.Id, Stop))!;

    /// <summary>Advances the time, and lets the process work at its end.</summary>
    private async Task AdvanceAsync(OutboxProcess process, int seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        await process.SendAsync();
    }

    private Alert Alert(int sensor) => new(
        AlertId.Of(sensor, "", AlertKind.Disconnected, Now), sensor, "", AlertKind.Disconnected, AlertLevel.Error, Now, Now,
        null, 1, double.NaN, double.NaN, Now, $"Sensor {sensor}: disconnected");

    private Alert Cleared(Alert alert) => alert with { ClearedAt = Now, Message = $"Sensor {alert.SensorId}: connected again" };
}
