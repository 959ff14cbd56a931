using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Points;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Contacts.Tests.Delivery;

/// <summary>The way of an alert's change to contact points, on each database.</summary>
public abstract class DeliveryTests : IAsyncLifetime
{
    private static readonly string Key = Convert.ToBase64String(new byte[SecretBox.KeyBytes]);

    private readonly RecordingKind _kind = new();
    private readonly RecordedLog<NotificationSender> _log = new();
    private readonly List<OutboxProcess> _processes = [];
    private IStore? _store;

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IStore Store => _store!;

    private INotificationStore Notifications => Store.Contacts.Notifications;

    private long Now => EpochTime.Now(Clock);

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
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
    public async Task Each_change_reaches_each_enabled_contact_point_once_with_place_and_link()
    {
        await Store.Sensors.WriteAsync(
            [new(7, "Valencia", "Viveros") { DisplayName = "Boiler", Tags = SensorTags.Of([new("room", "kitchen")]) }], Stop);
        var process = Start();
        await AddAsync(process, "ops");
        await AddAsync(process, "night");
        await AddAsync(process, "off", isEnabled: false);
        var alert = Alert(7);
        await process.TellAsync(alert);
        await process.TellAsync(alert);
        await process.SendAsync();

        Assert.Equal(["night", "ops"], _kind.Sent.Select(sent => sent.Contact).Order());
        var notice = _kind.Sent[0].Notification.Notice;
        Assert.Equal(
            ("Valencia", "Viveros", "Boiler", "kitchen", "https://sensors.example.org/sensors/7"),
            (notice.City, notice.Station, notice.DisplayName, notice.Tags["room"], notice.Url));

        await process.TellAsync(Cleared(alert));
        await process.TellAsync(Cleared(alert));
        await process.SendAsync();
        Assert.Equal(4, _kind.Sent.Count);
        Assert.Equal(4, _kind.Sent.Select(sent => sent.Notification.Key).Distinct().Count());
        Assert.All(await Notifications.ReadAsync(new(), Stop), row => Assert.Equal(NotificationState.Sent, row.State));
        Assert.Equal((0, 0), await Notifications.CountAsync(Stop));
    }

    [Fact]
    public async Task An_alert_that_reopens_is_a_new_notification()
    {
        var process = Start();
        await AddAsync(process, "ops");
        var alert = Alert(7);
        await process.TellAsync(alert);
        await process.TellAsync(Cleared(alert));
        await process.TellAsync(alert with { Occurrences = 2, LastRaisedAt = Now });
        await process.SendAsync();
        Assert.Equal(["1 Raised", "1 Cleared", "2 Raised"], _kind.Sent.Select(TextOf));
    }

    [Fact]
    public async Task An_alert_that_was_raised_and_cleared_between_two_reads_is_told_with_both_unless_it_was_silenced()
    {
        var process = Start();
        await AddAsync(process, "ops");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await process.TellAsync(Cleared(Alert(7)), Cleared(Alert(8)) with { SilencedUntil = Now });
        await process.SendAsync();
        Assert.Equal(["1 Raised", "1 Cleared"], _kind.Sent.Select(TextOf));
        Assert.Equal(
            ["Sensor 7: measurement error, temperature", "Sensor 7: temperature back to normal"],
            _kind.Sent.Select(sent => sent.Notification.Notice.Message));
    }

    [Fact]
    public async Task An_alert_that_cleared_before_the_contact_point_existed_is_not_told()
    {
        var cleared = Cleared(Alert(7));
        Clock.Advance(TimeSpan.FromMinutes(1));
        var process = Start();
        await AddAsync(process, "ops");
        await process.TellAsync(cleared);
        await process.SendAsync();
        Assert.Empty(_kind.Sent);
    }

    [Fact]
    public async Task A_failure_is_repeated_with_back_off_and_the_same_key_and_holds_back_the_clearing()
    {
        var process = Start();
        await AddAsync(process, "ops");
        var alert = Alert(7);
        await process.TellAsync(alert);
        _kind.Failure = new("The receiver is away.");
        await process.SendAsync();
        await process.TellAsync(Cleared(alert));
        await process.SendAsync();
        Assert.Single(_kind.Attempts);

        // 4 to 6 s, and then 8 to 12 s.
        Clock.Advance(TimeSpan.FromSeconds(3.9));
        await process.SendAsync();
        Assert.Single(_kind.Attempts);
        Clock.Advance(TimeSpan.FromSeconds(2.2));
        await process.SendAsync();
        Assert.Equal(2, _kind.Attempts.Count);
        Clock.Advance(TimeSpan.FromSeconds(7.9));
        await process.SendAsync();
        Assert.Equal(2, _kind.Attempts.Count);

        _kind.Failure = null;
        Clock.Advance(TimeSpan.FromSeconds(4.2));
        await process.SendAsync();
        Assert.Equal(["1 Raised", "1 Cleared"], _kind.Sent.Select(TextOf));
        Assert.Single(_kind.Attempts.Take(3).Distinct());
    }

    [Fact]
    public async Task The_wish_of_the_receiver_for_a_pause_holds_for_all_its_notifications()
    {
        var process = Start();
        await AddAsync(process, "ops");
        await process.TellAsync(Alert(7), Alert(8));
        _kind.Failure = new("Too many requests.") { RetryAfter = TimeSpan.FromMinutes(2) };
        await process.SendAsync();
        _kind.Failure = null;
        Clock.Advance(TimeSpan.FromSeconds(119));
        await process.SendAsync();
        Assert.Single(_kind.Attempts);
        Clock.Advance(TimeSpan.FromSeconds(2));
        await process.SendAsync();
        Assert.Equal(2, _kind.Sent.Count);
    }

    [Fact]
    public async Task After_the_last_attempt_a_notification_is_dead_until_it_is_requeued()
    {
        var process = Start(maxAttempts: 3);
        await AddAsync(process, "ops");
        await process.TellAsync(Alert(7));
        _kind.Failure = new("The receiver is away.");
        for (var i = 0; i < 6; i++)
        {
            await process.SendAsync();
            Clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(3, _kind.Attempts.Count);
        var dead = Assert.Single(await Notifications.ReadAsync(new() { State = NotificationState.Dead }, Stop));
        Assert.Equal((3, "The receiver is away."), (dead.Attempts, dead.LastError));
        Assert.NotNull(dead.FinishedAt);
        Assert.Equal((0, 1), await Notifications.CountAsync(Stop));

        _kind.Failure = null;
        Assert.Equal(0, await Notifications.RequeueAsync(null, "other", Stop));
        Assert.Equal(0, await Notifications.RequeueAsync(Guid.NewGuid(), null, Stop));
        Assert.Equal(1, await Notifications.RequeueAsync(dead.Id, null, Stop));
        await process.SendAsync();
        Assert.Equal(dead.Id, Assert.Single(_kind.Sent).Notification.Key);
        Assert.Equal(0, await Notifications.RequeueAsync(null, null, Stop));
    }

    [Fact]
    public async Task A_permanent_failure_is_dead_at_once_and_others_go_on()
    {
        var process = Start();
        await AddAsync(process, "ops");
        await process.TellAsync(Alert(7), Alert(8));
        _kind.Fails = sent => sent.Notice.SensorId == "7" ? new DeliveryException("No.") { IsPermanent = true } : null;
        await process.SendAsync();
        Assert.Equal("8", Assert.Single(_kind.Sent).Notification.Notice.SensorId);
        Assert.Equal((0, 1), await Notifications.CountAsync(Stop));
    }

    /// <summary>The process ends after the receiver has got the message, and before the table knows.</summary>
    [Fact]
    public async Task A_process_that_dies_while_it_sends_leads_to_a_second_message_with_the_same_key()
    {
        var first = Start();
        await AddAsync(first, "ops");
        await first.TellAsync(Alert(7));
        _kind.Hang = new();
        await first.StartSendingAsync();
        await Until.Async(() => _kind.Attempts.Count == 1, () => $"{_kind.Attempts.Count} attempts", TimeSpan.FromSeconds(30));

        var second = Start();
        await second.SendAsync();
        Assert.Single(_kind.Attempts);
        using var hang = _kind.Hang;
        _kind.Hang = null;
        Clock.Advance(TimeSpan.FromSeconds(61));
        await second.SendAsync();
        Assert.Equal(2, _kind.Attempts.Count);
        Assert.Single(_kind.Attempts.Distinct());
        hang.Cancel();
        await first.SendAsync();
        var row = Assert.Single(await Notifications.ReadAsync(new(), Stop));
        Assert.Equal((2, NotificationState.Sent, null), (row.Attempts, row.State, row.LastError));
    }

    [Fact]
    public async Task A_process_that_dies_between_raise_and_outbox_or_outbox_and_send_loses_nothing()
    {
        var alert = Alert(7);
        var first = Start();
        await AddAsync(first, "ops");
        await Store.Alerts.WriteAsync([alert], Stop);

        // The second process reads the stored alert again, and the third one too.
        var second = Start();
        await second.TellAsync((await Store.Alerts.FindAsync(alert.Id, Stop))!);
        var third = Start();
        await third.TellAsync((await Store.Alerts.FindAsync(alert.Id, Stop))!);
        await third.SendAsync();
        Assert.Single(_kind.Sent);
        await second.SendAsync();
        Assert.Single(_kind.Sent);
    }

    [Fact]
    public async Task Two_processes_share_the_notifications_and_send_none_twice()
    {
        var (one, two) = (Start(), Start());
        await AddAsync(one, "ops");
        Alert[] alerts = [.. Enumerable.Range(1, 20).Select(Alert)];
        await Task.WhenAll(one.TellAsync(alerts), two.TellAsync(alerts));
        await Task.WhenAll(one.SendAsync(), two.SendAsync());
        Assert.Equal(20, _kind.Sent.Count);
        Assert.Equal(20, _kind.Attempts.Distinct().Count());
    }

    [Fact]
    public async Task A_contact_point_sends_at_its_rate()
    {
        var process = Start();
        await AddAsync(process, "ops", rate: 60);
        await process.TellAsync([.. Enumerable.Range(1, 30).Select(Alert)]);
        await process.SendAsync();
        Assert.Equal(10, _kind.Sent.Count);
        Clock.Advance(TimeSpan.FromSeconds(5));
        await process.SendAsync();
        Assert.Equal(15, _kind.Sent.Count);
    }

    [Fact]
    public async Task Secrets_are_stored_encrypted_and_are_in_no_log_and_no_error()
    {
        var process = Start();
        await AddAsync(process, "ops");
        await process.TellAsync(Alert(7));
        _kind.Failure = new("Status 403 of https://example.org/topsecret-path?x for topsecret-token.");
        await process.SendAsync();
        _kind.Failure = null;

        var row = Assert.Single(await Store.Contacts.Points.ReadAsync(Stop));
        Assert.DoesNotContain("topsecret", $"{row.Settings}{row.Secrets}{row}", StringComparison.Ordinal);
        Assert.Equal(
            "Status 403 of ***?x for ***.", Assert.Single(await Notifications.ReadAsync(new(), Stop)).LastError);
        Assert.Contains("***", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", string.Join(' ', _log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", $"{await process.Points.FindAsync("ops", Stop)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_contact_point_keeps_its_secrets_until_they_are_changed_and_its_pending_notifications_die_with_it()
    {
        var points = Start().Points;
        await AddAsync(_processes[0], "ops");
        var (changed, isNew) = await points.WriteAsync(
            new("ops", RecordingKind.Word, true, new(new Dictionary<string, string> { ["note"] = "x" }, ContactValues.None.Secrets)),
            new Dictionary<string, string?> { ["token"] = "topsecret-new" },
            "ana",
            Stop);
        Assert.False(isNew);
        Assert.Equal(("topsecret-new", "https://example.org/topsecret-path"), (changed.Values.Find("token"), changed.Values.Find("url")));
        Assert.Equal("ana", (await points.FindAsync("ops", Stop))!.ChangedBy);

        await Assert.ThrowsAsync<FormatException>(() => points.WriteAsync(
            changed, new Dictionary<string, string?> { ["url"] = null }, "ana", Stop));
        await _processes[0].TellAsync(Alert(7));
        Assert.True(await points.RemoveAsync("ops", Stop));
        Assert.False(await points.RemoveAsync("ops", Stop));
        var dead = Assert.Single(await Notifications.ReadAsync(new(), Stop));
        Assert.Equal((NotificationState.Dead, "The contact point was removed."), (dead.State, dead.LastError));
    }

    [Fact]
    public async Task Notifications_are_read_in_pages_by_alert_state_and_contact_point()
    {
        var process = Start();
        await AddAsync(process, "ops");
        await AddAsync(process, "night");
        Alert[] alerts = [Alert(7), Alert(8), Alert(9)];
        foreach (var alert in alerts)
        {
            await process.TellAsync(alert);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var all = await Notifications.ReadAsync(new(), Stop);
        Assert.Equal(6, all.Count);
        Assert.Equal(all.OrderByDescending(row => row.CreatedAt).Select(row => row.CreatedAt), all.Select(row => row.CreatedAt));
        var page = await Notifications.ReadAsync(new() { Limit = 4 }, Stop);
        var rest = await Notifications.ReadAsync(new() { After = (page[3].CreatedAt, page[3].Id) }, Stop);
        Assert.Equal(all.Select(row => row.Id), page.Concat(rest).Select(row => row.Id));
        Assert.Equal(2, (await Notifications.ReadAsync(new() { AlertId = alerts[1].Id }, Stop)).Count);
        Assert.Equal(3, (await Notifications.ReadAsync(new() { Contact = "night" }, Stop)).Count);
        Assert.Empty(await Notifications.ReadAsync(new() { State = NotificationState.Sent }, Stop));
    }

    [Fact]
    public async Task Notifications_are_removed_with_their_alerts()
    {
        var process = Start();
        await AddAsync(process, "ops");
        var (open, gone) = (Alert(7), Cleared(Alert(8)));
        await Store.Alerts.WriteAsync([open, gone], Stop);
        await process.TellAsync(open, gone);
        Clock.Advance(TimeSpan.FromHours(1));
        await Store.Alerts.RemoveAsync(Now, Stop);
        Assert.Equal([open.Id], (await Notifications.ReadAsync(new(), Stop)).Select(row => row.Added.AlertId).Distinct());
    }

    [Fact]
    public async Task A_key_that_was_lost_is_named_and_a_configured_contact_point_wins_and_cannot_be_changed()
    {
        await AddAsync(Start(), "ops");
        var rules = new ContactRules([_kind]);
        var lost = new ContactPoints(Store.Contacts.Points, rules, [], null, Clock);
        Assert.Equal(ContactPoints.NoKey, (await lost.FindAsync("ops", Stop))!.Problem);
        var other = new ContactPoints(
            Store.Contacts.Points, rules, [], new(Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)])), Clock);
        Assert.Equal(ContactPoints.OtherKey, (await other.FindAsync("ops", Stop))!.Problem);

        var configured = new ContactPoint("ops", RecordingKind.Word, true, ContactValues.None) { IsConfigured = true };
        var points = new ContactPoints(Store.Contacts.Points, rules, [configured], null, Clock);
        Assert.Equal([configured], await points.ReadAsync(Stop));
        await Assert.ThrowsAsync<FormatException>(() => points.RemoveAsync("ops", Stop));
    }

    private static string TextOf((string Contact, Notification Notification) sent) =>
        $"{sent.Notification.Notice.Occurrence} {sent.Notification.Notice.Event}";

    private Alert Alert(int sensor) => new(
        AlertId.Of(sensor, "temperature", AlertKind.Extreme, Now), sensor, "temperature", AlertKind.Extreme, AlertLevel.Warning, Now, Now,
        null, 1, 31.5, 21, Now, $"Sensor {sensor}: measurement error, temperature 31.5");

    private Alert Cleared(Alert alert) => alert with
    {
        ClearedAt = Now,
        Message = $"Sensor {alert.SensorId}: temperature back to normal",
    };

    private static async Task AddAsync(OutboxProcess process, string name, bool isEnabled = true, int? rate = null)
    {
        var settings = new Dictionary<string, string> { ["note"] = name };
        if (rate is not null)
        {
            settings[ContactRules.Rate] = $"{rate}";
        }

        await process.Points.WriteAsync(
            new(name, RecordingKind.Word, isEnabled, new(settings, ContactValues.None.Secrets)),
            new Dictionary<string, string?> { ["url"] = "https://example.org/topsecret-path", ["token"] = "topsecret-token" },
            "test",
            Stop);
    }

    private OutboxProcess Start(int maxAttempts = 12)
    {
        var process = new OutboxProcess(Store, _kind, Clock, _log, Key, maxAttempts);
        _processes.Add(process);
        return process;
    }
}
