using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Storage.Tests.Alerts;

/// <summary>The table of intervals.</summary>
public abstract partial class AlertStoreTests
{
    [Fact]
    public async Task Each_raising_of_an_alert_is_an_interval_also_within_one_batch()
    {
        var raised = Extreme(7, Start);
        var (first, again) = (raised with { ClearedAt = At(5) }, raised with { LastRaisedAt = At(9), Occurrences = 2 });
        await Alerts.WriteAsync([raised, first, again], Stop);
        Assert.Equal(["1: 0 to 5", "2: 9 to open"], await IntervalsAsync(raised));
        Assert.Equal(again, Plain(await Alerts.FindAsync(raised.Id, Stop)));

        // A batch that is written again after a crash, and a part of it.
        await Alerts.WriteAsync([again with { ClearedAt = At(10) }], Stop);
        await Alerts.WriteAsync([raised, first, again], Stop);
        await Alerts.WriteAsync([raised], Stop);
        Assert.Equal(["1: 0 to 5", "2: 9 to 10"], await IntervalsAsync(raised));
        Assert.Equal(6 * Second, (await Alerts.SumIntervalsAsync([raised.Id], EpochTime.Min, At(100), Stop))[raised.Id]);
    }

    [Fact]
    public async Task Whatever_clears_an_alert_clears_its_interval()
    {
        var (first, second) = (Extreme(7, Start), Extreme(7, At(60)));
        await Alerts.WriteAsync([first], Stop);
        await Alerts.WriteAsync([second], Stop);
        Assert.Equal(["1: 0 to 60"], await IntervalsAsync(first));

        var behind = Extreme(7, At(1));
        await Alerts.WriteAsync([behind], Stop);
        Assert.Equal(["1: 1 to 60"], await IntervalsAsync(behind));
        Assert.Equal(["1: 60 to open"], await IntervalsAsync(second));

        await Store.Sensors.ForgetAsync([7], Stop);
        var interval = Assert.Single(await Alerts.ReadIntervalsAsync(new([second.Id]), Stop));
        Assert.Equal((await Alerts.FindAsync(second.Id, Stop))!.ClearedAt, interval.ClearedAt);
        Assert.NotNull(interval.ClearedAt);
    }

    [Fact]
    public async Task Intervals_are_read_by_range_and_page_and_summed_within_the_range()
    {
        var (alert, other) = (Extreme(7, Start), Silence(8, Start));
        await Alerts.WriteAsync(
            [
                .. Enumerable.Range(0, 10).SelectMany(i => new[]
                {
                    alert with { LastRaisedAt = At(10 * i), Occurrences = i + 1 },
                    alert with { LastRaisedAt = At(10 * i), Occurrences = i + 1, ClearedAt = At((10 * i) + 4) },
                }),
                other,
            ],
            Stop);
        var query = new AlertIntervalQuery([alert.Id]);
        Assert.Equal([5, 4, 3], await OccurrencesAsync(query with { From = At(22), To = At(41) }));
        Assert.Equal([5, 4], await OccurrencesAsync(query with { From = At(24), To = At(41) }));
        Assert.Equal([10, 9, 8], await OccurrencesAsync(query with { Limit = 3 }));
        Assert.Equal([7, 6, 5], await OccurrencesAsync(query with { Limit = 3, After = (At(70), 8) }));
        Assert.Equal(11, (await Alerts.ReadIntervalsAsync(new([alert.Id, other.Id]), Stop)).Count);

        var sums = await Alerts.SumIntervalsAsync([alert.Id, other.Id, Guid.NewGuid()], At(2), At(41), Stop);
        Assert.Equal([(alert.Id, (2 + (3 * 4) + 1) * Second), (other.Id, 39 * Second)], sums.Select(sum => (sum.Key, sum.Value)).Order());
        Assert.Empty(await Alerts.SumIntervalsAsync([alert.Id], At(4), At(10), Stop));

        async Task<IEnumerable<int>> OccurrencesAsync(AlertIntervalQuery query) =>
            (await Alerts.ReadIntervalsAsync(query, Stop)).Select(interval => interval.Occurrence);
    }

    [Fact]
    public async Task Intervals_are_removed_with_their_alert()
    {
        var (old, open) = (Extreme(1, Start), Extreme(2, Start));
        await Alerts.WriteAsync([old, old with { ClearedAt = At(1) }, open], Stop);
        await Alerts.RemoveAsync(At(2), Stop);
        Assert.Empty(await IntervalsAsync(old));
        Assert.Equal(["1: 0 to open"], await IntervalsAsync(open));
    }

    private static long At(int second) => Start + (second * Second);

    /// <returns>The intervals in the order of time, in seconds.</returns>
    private async Task<IEnumerable<string>> IntervalsAsync(Alert alert) =>
        (await Alerts.ReadIntervalsAsync(new([alert.Id]), Stop)).Reverse()
            .Select(interval => $"{interval.Occurrence}: {Seconds(interval.RaisedAt)} to {Seconds(interval.ClearedAt)}");

    private static string Seconds(long? micros) => micros is { } at ? $"{(at - Start) / Second}" : "open";
}
