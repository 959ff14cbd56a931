using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Storage.Tests.Alerts;

/// <summary>Silences that select alerts by their labels.</summary>
public abstract partial class AlertStoreTests
{
    private long Now => EpochTime.Now(Clock);

    [Fact]
    public async Task A_silence_with_matchers_silences_the_alerts_whose_labels_match_all_of_them_in_every_read()
    {
        await Store.Sensors.WriteAsync(
            [new(7, "Valencia") { Tags = SensorTags.Of([new("room", "kitchen")]) }, new RegisteredSensor(8, "Vigo"), new(9, "Valencia")],
            Stop);
        Alert[] alerts = [Silence(7, Start), Extreme(7, Start), Silence(8, Start), Silence(9, Start), Silence(10, Start)];
        await Alerts.WriteAsync(alerts, Stop);
        var silence = await SilenceAsync("city=~\"Val.*\"", "severity=\"critical\"", "room!=\"bath\"");

        Assert.Equal(silence.Matchers, Assert.Single(await Store.Silences.ReadAsync(Stop)).Matchers);
        Guid[] expected = [alerts[0].Id, alerts[3].Id];
        Assert.Equal(expected.Order(), SilencedAmong(await Alerts.QueryAsync(new(), Stop), silence.EndsAt));
        Assert.Equal(expected.Order(), SilencedAmong(await Alerts.ReadChangesAsync(0, Guid.Empty, 100, Stop), silence.EndsAt));
        Assert.Equal(
            [alerts[0].Id], SilencedAmong(await Alerts.ReadOpenAsync(SensorShards.Of(7), Stop), silence.EndsAt));
        Assert.Equal(silence.EndsAt, (await Alerts.FindAsync(alerts[0].Id, Stop))!.SilencedUntil);
        Assert.Equal(silence.EndsAt, (await Alerts.AcknowledgeAsync(alerts[0].Id, "ana", null, null, Stop))!.SilencedUntil);
        Assert.Null((await Alerts.FindAsync(alerts[2].Id, Stop))!.SilencedUntil);

        await Store.Sensors.WriteAsync([new(8, "Valladolid")], Stop);
        Assert.Equal(silence.EndsAt, (await Alerts.FindAsync(alerts[2].Id, Stop))!.SilencedUntil);
        Assert.True(await Store.Silences.EndAsync(silence.Id, Stop));
        Assert.All(await Alerts.QueryAsync(new(), Stop), alert => Assert.Null(alert.SilencedUntil));
    }

    [Fact]
    public async Task Of_silences_that_overlap_the_latest_end_counts_and_a_future_one_does_not()
    {
        await Alerts.WriteAsync([Silence(7, Start)], Stop);
        await SilenceAsync(100, "kind=\"disconnected\"");
        var longest = await SilenceAsync(300, "sensor_id=\"7\"");
        await Store.Silences.AddAsync(new(Guid.NewGuid(), 7, Now - Second, Now + (200 * Second), "ana", "probe"), Stop);
        await Store.Silences.AddAsync(
            new(Guid.NewGuid(), null, Now + (600 * Second), Now + (900 * Second), "ana", "later") { Matchers = ["kind=~\".+\""] }, Stop);
        Assert.Equal(longest.EndsAt, Assert.Single(await Alerts.QueryAsync(new(), Stop)).SilencedUntil);

        await Store.Silences.EndAsync(longest.Id, Stop);
        Assert.Equal(Now + (200 * Second), Assert.Single(await Alerts.QueryAsync(new(), Stop)).SilencedUntil);
        Assert.Equal(3, (await Store.Silences.ReadAsync(Stop)).Count);
    }

    [Fact]
    public async Task A_program_without_matchers_does_not_take_a_silence_with_matchers_as_one_of_all_sensors()
    {
        await SilenceAsync("kind=\"rate\"");
        await ExecuteAsync("UPDATE silences SET matchers = NULL");
        await Alerts.WriteAsync([Silence(7, Start)], Stop);
        Assert.Null(Assert.Single(await Alerts.QueryAsync(new(), Stop)).SilencedUntil);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("{\"city\":\"Vigo\"}")]
    [InlineData("[\"city=~(\"]")]
    [InlineData("[\"city=~.*\"]")]
    public async Task Matchers_that_cannot_be_read_silence_nothing_and_leave_alerts_readable(string matchers)
    {
        var silence = await SilenceAsync("kind=\"disconnected\"");
        await ExecuteAsync($"UPDATE silences SET sensor_id = NULL, matchers = '{matchers}'");
        await Alerts.WriteAsync([Silence(7, Start)], Stop);
        Assert.Null(Assert.Single(await Alerts.QueryAsync(new(), Stop)).SilencedUntil);
        Assert.NotNull(Assert.Single(await Store.Silences.ReadAsync(Stop)).Matchers);
        Assert.True(await Store.Silences.EndAsync(silence.Id, Stop));
    }

    private static IEnumerable<Guid> SilencedAmong(IEnumerable<Alert> alerts, long until) =>
        alerts.Where(alert => alert.SilencedUntil == until).Select(alert => alert.Id).Order();

    private Task<Silence> SilenceAsync(params string[] matchers) => SilenceAsync(3600, matchers);

    private async Task<Silence> SilenceAsync(int seconds, params string[] matchers)
    {
        var silence = new Silence(Guid.NewGuid(), null, Now - Second, Now + (seconds * Second), "ana", "new probe") { Matchers = matchers };
        await Store.Silences.AddAsync(silence, Stop);
        return silence;
    }
}
