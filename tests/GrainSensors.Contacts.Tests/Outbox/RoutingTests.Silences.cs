using GrainSensors.Contacts.Tests.Delivery;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Contacts.Tests.Outbox;

/// <summary>Silences that select alerts by their labels, from the change of an alert to the message.</summary>
public abstract partial class RoutingTests
{
    private readonly NotifierState _state = new();

    [Theory]
    [InlineData(null)]
    [InlineData("""{"contacts":["ops","boss","night"],"group_by":["..."],"group_wait":"0s","group_interval":"1m"}""")]
    public async Task An_alert_that_is_silenced_by_its_labels_is_told_when_the_silence_ends_if_it_is_open_then(string? routes)
    {
        var process = routes is null ? Start() : await RouteAsync(routes);
        var notifier = new AlertNotifier(Store.Alerts, process.Receiver, Clock);
        await RunAsync(notifier, process);
        await RegisterAsync(1, 1, "north");
        await RegisterAsync(2, 2, "south");
        var silence = await SilenceAsync("gateway=\"south\"", "severity=~\"crit.*\"");
        var (loud, open, passed) = (Alert(1), Alert(2), Alert(3));
        await StoreAsync(loud, open, passed);
        await RunAsync(notifier, process);
        Clock.Advance(TimeSpan.FromSeconds(70));
        await StoreAsync(Cleared(passed));
        await RunAsync(notifier, process);
        string[] contacts = ["boss", "night", "ops"];
        Assert.Equal(contacts.Select(contact => $"{contact}: ERROR: Sensor 1: disconnected (Valencia, Station 1)"), Sent.Order());

        await Store.Silences.EndAsync(silence.Id, Stop);
        Clock.Advance(TimeSpan.FromSeconds(70));
        await RunAsync(notifier, process);
        Assert.Equal(contacts.Select(contact => $"{contact}: ERROR: Sensor 2: disconnected (Valencia, Station 2)"), Sent.Skip(3).Order());
        await StoreAsync(Cleared(open));
        Clock.Advance(TimeSpan.FromSeconds(70));
        await RunAsync(notifier, process);
        Assert.Equal(contacts.Select(contact => $"{contact}: CLEARED: Sensor 2: disconnected (Valencia, Station 2)"), Sent.Skip(6).Order());
    }

    [Fact]
    public async Task An_alert_that_its_labels_silence_while_its_group_waits_is_left_out_until_the_silence_ends()
    {
        await RegisterAsync(1, 1, "north");
        await RegisterAsync(2, 1, "south");
        var process = await RouteAsync("""{"contacts":["ops"],"group_by":[],"group_wait":"30s","group_interval":"1m"}""");
        var (loud, silenced) = (Alert(1), Alert(2));
        await RaiseAsync(process, loud, silenced);
        var silence = await SilenceAsync("gateway=\"south\"");
        await AdvanceAsync(process, 31);
        Assert.Equal(["ops: ERROR: Sensor 1: disconnected (Valencia, Station 1)"], Sent);
        await Store.Silences.EndAsync(silence.Id, Stop);
        await RaiseAsync(process, silenced);
        await AdvanceAsync(process, 61);
        Assert.Equal(["ops: ERROR: 2 open alerts (Valencia)"], Sent.Skip(1));
    }

    private async Task RunAsync(AlertNotifier notifier, OutboxProcess process)
    {
        await notifier.RunAsync(_state, Stop);
        for (var i = 0; i < 3; i++)
        {
            await AdvanceAsync(process, 1);
        }
    }

    private async Task<Silence> SilenceAsync(params string[] matchers)
    {
        var end = Now + EpochTime.From(TimeSpan.FromDays(10));
        var silence = new Silence(Guid.NewGuid(), null, Now - 1, end, "ana", "new probe") { Matchers = matchers };
        await Store.Silences.AddAsync(silence, Stop);
        return silence;
    }
}
