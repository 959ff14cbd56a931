using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Rules;

namespace GrainSensors.Storage.Tests.Rules;

/// <summary>The contract of the table of rules and of the rule of an alert, tested on each database.</summary>
public abstract class RuleStoreTests : IAsyncLifetime
{
    private const long Start = 1_795_514_400_000_000;

    private IStore? _store;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IRuleStore Rules => _store!.Rules;

    private IAlertStore Alerts => _store!.Alerts;

    public async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync();

    [Fact]
    public async Task Rules_are_read_back_in_the_order_of_their_ids()
    {
        Assert.Empty(await Rules.ReadAsync(Stop));
        Assert.Equal(0, await Rules.ReadVersionAsync(Stop));
        Assert.Equal(new(null, 1), await Rules.WriteAsync(Rule("warm", """{"kind":"stuck","message":"ä ☃"}"""), null, Stop));
        Assert.Equal(new(null, 2), await Rules.WriteAsync(Rule("a.b", "{}") with { ChangedAt = Start + 7 }, null, Stop));
        Assert.Equal(
            [
                new("a.b", "{}", 2, Start + 7, "bob"),
                new("warm", """{"kind":"stuck","message":"ä ☃"}""", 1, Start, "bob"),
            ],
            await Rules.ReadAsync(Stop));
        Assert.Equal(2, await Rules.ReadVersionAsync(Stop));
    }

    [Fact]
    public async Task A_rule_is_replaced_with_the_number_of_the_change()
    {
        await Rules.WriteAsync(Rule("warm", "{}"), null, Stop);
        Assert.Equal(new(1, 2), await Rules.WriteAsync(Rule("warm", "[]") with { ChangedBy = "ann" }, null, Stop));
        Assert.Equal([new("warm", "[]", 2, Start, "ann")], await Rules.ReadAsync(Stop));
    }

    [Fact]
    public async Task Another_version_than_the_expected_one_changes_nothing()
    {
        await Rules.WriteAsync(Rule("warm", "{}"), 0, Stop);
        Assert.Equal(new(1, null), await Rules.WriteAsync(Rule("warm", "[]"), 0, Stop));
        Assert.Equal(new(1, null), await Rules.WriteAsync(Rule("warm", "[]"), 7, Stop));
        Assert.Equal(new(null, null), await Rules.WriteAsync(Rule("cold", "[]"), 1, Stop));
        Assert.Equal(new(1, null), await Rules.RemoveAsync("warm", 7, Stop));
        Assert.Equal(new(null, null), await Rules.RemoveAsync("cold", null, Stop));
        Assert.Equal([new("warm", "{}", 1, Start, "bob")], await Rules.ReadAsync(Stop));
        Assert.Equal(1, await Rules.ReadVersionAsync(Stop));
        Assert.Equal(new(1, 2), await Rules.WriteAsync(Rule("warm", "[]"), 1, Stop));
    }

    [Fact]
    public async Task A_removal_counts_as_a_change_and_a_new_rule_of_its_id_has_a_greater_version()
    {
        await Rules.WriteAsync(Rule("warm", "{}"), null, Stop);
        Assert.Equal(new(1, 2), await Rules.RemoveAsync("warm", 1, Stop));
        Assert.Empty(await Rules.ReadAsync(Stop));
        Assert.Equal(2, await Rules.ReadVersionAsync(Stop));
        Assert.Equal(new(null, 3), await Rules.WriteAsync(Rule("warm", "{}"), 0, Stop));
    }

    [Fact]
    public async Task Of_writers_that_expect_the_same_version_one_succeeds()
    {
        await Rules.WriteAsync(Rule("warm", "{}"), null, Stop);
        var changes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Rules.WriteAsync(Rule("warm", $"{i}"), 1, Stop)));
        Assert.Single(changes, change => change.Version == 2);
        Assert.All(changes, change => Assert.True(change is { Before: 1, Version: 2 } or { Before: 2, Version: null }, $"{change}"));
        Assert.Equal(2, await Rules.ReadVersionAsync(Stop));
    }

    [Fact]
    public async Task Alerts_of_two_rules_on_one_measurement_do_not_clear_each_other()
    {
        var (warm, hot) = (Alert("warm", Start), Alert("hot", Start + 1));
        await Alerts.WriteAsync([warm], Stop);
        await Alerts.WriteAsync([hot], Stop);
        var open = await Alerts.QueryAsync(new() { Statuses = [AlertStatus.Raised] }, Stop);
        Assert.Equal(["hot", "warm"], open.Select(alert => alert.Rule));
        var counts = await Alerts.CountOpenAsync(Stop);
        Assert.Equal((2, 2, 0), (counts.Of(AlertKind.Threshold), counts.Open, counts.Of(AlertKind.Extreme)));

        var newer = Alert("warm", Start + 9);
        await Alerts.WriteAsync([newer], Stop);
        Assert.Equal(Start + 9, (await Alerts.FindAsync(warm.Id, Stop))!.ClearedAt);
        Assert.Null((await Alerts.FindAsync(hot.Id, Stop))!.ClearedAt);
    }

    [Fact]
    public async Task Alerts_of_each_kind_are_read_back_with_their_rule_and_counted()
    {
        var kinds = Enum.GetValues<AlertKind>();
        var alerts = Array.ConvertAll(kinds, kind => Alert(kind is AlertKind.Extreme ? "" : $"my-{kind.Name()}", Start, kind));
        await Alerts.WriteAsync([.. alerts, Alert("other", Start, AlertKind.Window)], Stop);
        var counts = await Alerts.CountOpenAsync(Stop);
        Assert.All(kinds, kind => Assert.Equal(kind == AlertKind.Window ? 2 : 1, counts.Of(kind)));
        Assert.Equal((kinds.Length + 1, 0), (counts.Open, counts.Acknowledged));
        Assert.Equal(
            kinds.Select(kind => (kind, kind == AlertKind.Extreme ? "extreme" : $"my-{kind.Name()}"))
                .Append((AlertKind.Window, "other")).Order(),
            (await Alerts.QueryAsync(new(), Stop)).Select(alert => (alert.Kind, alert.Rule)).Order());
        Assert.Equal(2, (await Alerts.QueryAsync(new() { Kind = AlertKind.Window }, Stop)).Count);
    }

    private static StoredRule Rule(string id, string document) => new(id, document, 0, Start, "bob");

    private static Alert Alert(string rule, long at, AlertKind kind = AlertKind.Threshold)
    {
        var alert = new Alert(
            AlertId.Of(7, "temperature", kind, at, rule), 7, "temperature", kind, AlertLevel.Warning, at, at, null, 1, 31, double.NaN, at,
            "");
        return rule.Length == 0 ? alert : alert with { Rule = rule };
    }
}
