using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Storage.Tests.Alerts;

/// <summary>The feed returns each change of an alert once, also when transactions commit late.</summary>
public sealed class AlertFeedTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private const long Start = 1000 * Second;

    private readonly ChangesInMemory _changes = new();
    private readonly AlertFeed _feed;

    public AlertFeedTests() => _feed = new(_changes, Start);

    [Fact]
    public async Task Returns_a_change_until_the_reader_has_advanced_over_it()
    {
        _changes.Write(1, Start);

        Assert.Equal([1], await ReadAsync(advances: false));
        Assert.Equal([1], await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task Returns_every_change_of_an_alert()
    {
        _changes.Write(1, Start);
        await ReadAsync();
        _changes.Write(1, Start + 1);

        Assert.Equal([1], await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task Returns_a_change_that_is_committed_after_a_later_one()
    {
        _changes.Write(2, Start + AlertFeed.Overlap);
        Assert.Equal([2], await ReadAsync());
        _changes.Write(1, Start);

        Assert.Equal([1], await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task Skips_changes_from_before_its_start()
    {
        _changes.Write(1, Start - 1);
        _changes.Write(2, Start);

        Assert.Equal([2], await ReadAsync());
    }

    [Fact]
    public async Task Returns_pages_in_the_order_of_the_stamps_and_repeats_only_the_page_that_failed()
    {
        const int Count = (2 * AlertFeed.PageLength) + 7;
        for (var i = 0; i < Count; i++)
        {
            _changes.Write(i, Start + (i / 3));
        }

        await foreach (var page in _feed.ReadAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(AlertFeed.PageLength, page.Count);
            _feed.Advance(page);
            break;
        }

        Assert.Equal(Enumerable.Range(AlertFeed.PageLength, Count - AlertFeed.PageLength), await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task Returns_each_of_many_changes_once_while_they_commit_in_a_random_order()
    {
        var random = new Random(17);
        var written = Enumerable.Range(0, 2000).Select(i => (Sensor: i, Stamp: Start + (i * Second / 10))).ToList();
        var commits = written.OrderBy(change => change.Stamp + (long)(random.NextDouble() * AlertFeed.Overlap)).ToList();
        var seen = new List<int>();
        for (var i = 0; i < commits.Count; i++)
        {
            _changes.Write(commits[i].Sensor, commits[i].Stamp);
            if (random.Next(20) == 0)
            {
                seen.AddRange(await ReadAsync());
            }
        }

        seen.AddRange(await ReadAsync());
        Assert.Equal(written.Select(change => change.Sensor), seen.Order());
    }

    /// <returns>The sensors of the changes, in the order of their return.</returns>
    private async Task<List<int>> ReadAsync(bool advances = true)
    {
        var sensors = new List<int>();
        await foreach (var page in _feed.ReadAsync(TestContext.Current.CancellationToken))
        {
            sensors.AddRange(page.Select(alert => alert.SensorId));
            if (advances)
            {
                _feed.Advance(page);
            }
        }

        return sensors;
    }
}
