using GrainSensors.Contacts.Messages;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Alerts.Groups;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Contacts.Tests.Outbox;

/// <summary>Rules about groups: one alert in place of those of its sensors.</summary>
public abstract partial class RoutingTests
{
    private const string Gateways =
        """{"kind":"group","selector":{},"by":["gateway"],"of":["disconnected"],"least":"50%","wait":"0s","labels":{"team":"net"}}""";

    [Fact]
    public async Task A_dead_gateway_is_one_alert_with_one_message_and_one_recovery_without_any_route()
    {
        await RegisterAsync(1, 8, "gw1");
        await RegisterAsync(9, 4, "gw2");
        await WriteRuleAsync(Gateways);
        var (groups, process) = (Groups(), Start());
        var notifier = new AlertNotifier(Store.Alerts, process.Receiver, Clock);
        await RunAsync(notifier, process);
        var alerts = Enumerable.Range(1, 9).Select(Alert).ToArray();
        await StoreAsync(alerts[..3]);
        await groups.RunAsync(Stop);
        Assert.Empty(await GroupAlertsAsync());
        await StoreAsync(alerts[3..]);
        await groups.RunAsync(Stop);
        await RunAsync(notifier, process);
        var group = Assert.Single(await GroupAlertsAsync());
        Assert.Equal(
            ("gateway=gw1: 8 of 8 sensors in alarm (disconnected), rule gateway", 8, 8, alerts[3].LastRaisedAt, AlertLevel.Error),
            (group.Message, group.Value, group.Expected, group.RaisedAt, group.Level));
        Assert.Equal(("net", "gateway=gw1"), (group.Labels["team"], $"{group.Group}"));
        string[] contacts = ["boss", "night", "ops"];
        Assert.Equal(
            contacts.SelectMany(contact => new[]
            {
                $"{contact}: ERROR: Sensor 9: disconnected (Valencia, Station 9)",
                $"{contact}: ERROR: {group.Message}",
            }).Order(),
            Sent.Order());
        var notice = _kind.Sent.First(sent => sent.Notification.Notice.SensorId is null).Notification.Notice;
        Assert.Equal(("gw1", "gateway=gw1"), (notice.SensorGroup!["gateway"], NoticeText.Source(notice)));
        Assert.Equal(group.Id, (await FindAsync(alerts[0])).GroupAlert);
        Assert.Equal(Storage.Alerts.Alert.Always, (await FindAsync(alerts[7])).SilencedUntil);

        await StoreAsync([.. alerts[..5].Select(Cleared)]);
        await groups.RunAsync(Stop);
        await StoreAsync([.. alerts[5..8].Select(Cleared)]);
        await groups.RunAsync(Stop);
        await RunAsync(notifier, process);
        Assert.Equal(
            contacts.Select(contact => $"{contact}: CLEARED: {group.Message}"), Sent.Skip(6).Order());
    }

    [Fact]
    public async Task Sensors_that_stay_silent_after_their_group_has_recovered_are_told_of()
    {
        await RegisterAsync(1, 4, "gw1");
        await WriteRuleAsync(Gateways);
        var (groups, process) = (Groups(), Start());
        var notifier = new AlertNotifier(Store.Alerts, process.Receiver, Clock);
        await RunAsync(notifier, process);
        var alerts = Enumerable.Range(1, 4).Select(Alert).ToArray();
        await StoreAsync(alerts);
        await groups.RunAsync(Stop);
        await RunAsync(notifier, process);
        Assert.Equal(3, _kind.Sent.Count);
        await StoreAsync([.. alerts[..3].Select(Cleared)]);
        await groups.RunAsync(Stop);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await RunAsync(notifier, process);
        await RunAsync(notifier, process);
        Assert.Contains("ops: ERROR: Sensor 4: disconnected (Valencia, Station 4)", Sent.Skip(3));
        Assert.DoesNotContain(Sent, sent => sent.Contains("Sensor 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Grains_that_end_at_any_point_raise_one_alert_of_a_group_and_leave_no_sensor_mute()
    {
        await RegisterAsync(1, 4, "gw1");
        await WriteRuleAsync(Gateways);
        var alerts = Enumerable.Range(1, 4).Select(Alert).ToArray();
        foreach (var alert in alerts)
        {
            await StoreAsync(alert);
            await Groups().RunAsync(Stop);
        }

        var group = Assert.Single(await GroupAlertsAsync());
        Assert.All(await OpenAsync(alerts), alert => Assert.Equal(group.Id, alert.GroupAlert));

        // A grain that has cleared the alert and ended before it freed the sensors.
        await StoreAsync(Cleared(group));
        await StoreAsync([.. alerts[..3].Select(Cleared)]);
        await Groups().RunAsync(Stop);
        Assert.NotNull(Assert.Single(await GroupAlertsAsync()).ClearedAt);
        Assert.NotEqual(Storage.Alerts.Alert.Always, (await FindAsync(alerts[3])).SilencedUntil ?? 0);
        await Groups().RunAsync(Stop);
        Assert.Single(await GroupAlertsAsync());
    }

    [Fact]
    public async Task Of_a_rule_that_is_removed_the_alerts_of_groups_clear()
    {
        await RegisterAsync(1, 2, "gw1");
        await WriteRuleAsync(Gateways);
        var groups = Groups();
        await StoreAsync(Alert(1), Alert(2));
        await groups.RunAsync(Stop);
        Assert.Null(Assert.Single(await GroupAlertsAsync()).ClearedAt);
        await Store.Rules.RemoveAsync("gateway", null, Stop);
        Clock.Advance(TimeSpan.FromSeconds(5));
        await Until.Async(
            async () =>
            {
                await groups.RunAsync(Stop);
                return (await GroupAlertsAsync()).Single().ClearedAt is not null;
            },
            () => "open",
            TimeSpan.FromSeconds(30));
        Assert.Equal(["disconnected"], (await Store.Alerts.QueryAsync(new() { Statuses = [AlertStatus.Raised] }, Stop))
            .Select(alert => alert.Rule).Distinct());
    }

    private async Task<IReadOnlyList<Alert>> OpenAsync(Alert[] alerts) =>
        [.. (await Store.Alerts.FindAllAsync(alerts.Select(alert => alert.Id), Stop)).Values];

    private async Task<IReadOnlyList<Alert>> GroupAlertsAsync() => await Store.Alerts.QueryAsync(new() { Kind = AlertKind.Group }, Stop);

    private GroupAlerts Groups()
    {
        var compiler = new RuleCompiler(MeasurementSet.Default, Store.Names, Store.Sensors);
        return new(Store.Alerts, new(Store.Rules, compiler, Clock, NullLogger<RuleDirectory>.Instance), Clock);
    }

    private async Task WriteRuleAsync(string json) =>
        await Store.Rules.WriteAsync(new("gateway", json, 0, EpochTime.Now(Clock), "ana"), null, Stop);
}
