using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Views;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Web.Tests.Views;

/// <summary>Minutes are kept for 7 days, quarters for 400 and days for ever: history comes from what is there.</summary>
public sealed class StoredLongerWindowTests : IAsyncLifetime
{
    private const long Minute = 60 * EpochTime.MicrosPerSecond;
    private const long Day = 1440 * Minute;

    private static readonly PipelineOptions Options = new()
    {
        Periods =
        [
            new() { Period = "PT1M", Retention = TimeSpan.FromDays(7) }, new() { Period = "PT15M" },
            new() { Period = "P1D@Europe/Madrid", Retention = Timeout.InfiniteTimeSpan },
        ],
    };

    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _clock = new(WindowRows.Now);
    private readonly IStore _store;
    private readonly PeriodSettings _periods = PeriodSettings.From(Options);
    private readonly WindowHistory _history;

    public StoredLongerWindowTests()
    {
        _store = WindowStoreAddress.Parse($"sqlite:{_folder.File("windows.db")}").Open(
            new() { Retention = Options.Retention, Retentions = _periods.Retentions, Longer = _periods.Longer }, _clock);
        _history = new(_store, _periods, Microsoft.Extensions.Options.Options.Create(new ReadingOptions()), _clock);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private long Now => EpochTime.Now(_clock);

    public async ValueTask InitializeAsync()
    {
        await _store.PrepareAsync(Stop);
        await _store.SetPeriodAsync(_periods.Contract, Stop);
        await _store.MergedWindows.SetPeriodsAsync(Stop);

        // A reading at noon of each of thirty days, and one half an hour later. Minutes of the first ones are deleted again.
        for (var day = 0; day < 30; day++)
        {
            _clock.SetUtcNow(WindowRows.Now.AddDays(day).AddHours(-WindowRows.Now.Hour + 14));
            var noon = (Now / Day * Day) + (Day / 2);
            foreach (var (start, value) in new[] { (noon, day), (noon + (30 * Minute), day + 0.5) })
            {
                var pane = new StoredWindow(
                    new(7, _periods.Pane, start), [new("temperature", default(RunningStatistics).Add(value), value)], Marks.Empty, day, 0,
                    IsFinal: true);
                Assert.Equal([WriteOutcome.Written], await _store.WriteAsync([new(pane, null)], Stop));
            }

            await MergeAsync();
        }

        await _store.MaintainAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_contract_is_the_period_without_another_one_and_the_console_offers_all()
    {
        Assert.Equal("PT15M", _history.Period.ToString());
        Assert.Equal(
            ["PT1M", "PT15M", "PT1H", "P1D", "P1D@Europe/Madrid", "P1M@Europe/Madrid"],
            _history.PeriodsFor("Europe/Madrid").Select(period => period.ToString()));
        Assert.Equal(14, (await AllAsync("PT1M")).Count);
    }

    [Theory]
    [InlineData("PT15M", 60, 1)]
    [InlineData("PT30M", 60, 1)]
    [InlineData("PT1H", 30, 2)]
    [InlineData("PT1H/PT30M", 90, 1)]
    [InlineData("P1D", 30, 2)]
    [InlineData("P1D@Europe/Madrid", 30, 2)]
    public async Task Windows_of_deleted_minutes_come_from_longer_ones_that_are_kept(string period, int windows, int readings)
    {
        foreach (var limit in new[] { 1000, 7 })
        {
            var found = await AllAsync(period, limit);
            Assert.Equal(windows, found.Count);
            Assert.Equal(readings, found[0].Measurements["temperature"].Statistics.Count);
            Assert.Equal(readings, found[^1].Measurements["temperature"].Statistics.Count);
        }
    }

    [Fact]
    public async Task Years_later_weeks_and_months_come_from_days()
    {
        _clock.Advance(TimeSpan.FromDays(1));
        await MergeAsync();
        _clock.Advance(TimeSpan.FromDays(1000));
        await _store.MaintainAsync(Stop);

        Assert.Empty(await AllAsync("PT15M"));
        foreach (var limit in new[] { 100, 3 })
        {
            Assert.Equal(30, (await AllAsync("P1D@Europe/Madrid", limit)).Count);
        }

        Assert.Equal(60, (await AllAsync("P1W@Europe/Madrid")).Sum(week => week.Measurements["temperature"].Statistics.Count));
        Assert.Equal([14, 46], (await AllAsync("P1M@Europe/Madrid")).Select(month => month.Measurements["temperature"].Statistics.Count));
    }

    [Fact]
    public async Task A_window_that_is_not_merged_yet_has_its_panes_so_far()
    {
        var start = Now / (15 * Minute) * 15 * Minute;
        var pane = new StoredWindow(
            new(7, _periods.Pane, start), [new("temperature", default(RunningStatistics).Add(99), 99)], Marks.Empty, 1, 0, IsFinal: false);
        await _store.WriteAsync([new(pane, null)], Stop);

        var last = (await AllAsync("PT15M"))[^1];
        Assert.Equal((start, false, 99.0), (last.Start, last.IsFinal, last.Measurements["temperature"].Statistics.Mean));
    }

    [Fact]
    public async Task Windows_that_were_counted_before_the_change_to_several_periods_are_part_of_longer_ones()
    {
        var (file, quarter) = (_folder.File("changed.db"), Period.Default);
        var start = Now / Day * Day;
        await using (var before = WindowStoreAddress.Parse($"sqlite:{file}").Open(new(), _clock))
        {
            await before.PrepareAsync(Stop);
            var counted = Enumerable.Range(0, 8).Select(i => new WindowWrite(
                new(
                    new(7, quarter, start + (i * 15 * Minute)), [new("temperature", default(RunningStatistics).Add(i), i)], Marks.Empty,
                    i, 0, IsFinal: true),
                null));
            await before.WriteAsync([.. counted], Stop);
        }

        await using var store = WindowStoreAddress.Parse($"sqlite:{file}").Open(new() { Longer = _periods.Longer }, _clock);
        await store.PrepareAsync(Stop);
        await store.MergedWindows.SetPeriodsAsync(Stop);
        var history = new WindowHistory(
            store, _periods, Microsoft.Extensions.Options.Options.Create(new ReadingOptions()), _clock);
        foreach (var (period, windows) in new[] { ("PT15M", 8), ("PT1H", 2), ("P1D", 1) })
        {
            var (found, _) = await history.ReadAsync(new(7, WindowPeriod.Parse(period)), start, Now, 100, Stop);
            Assert.Equal((windows, 8L), (found.Count, found.Sum(window => window.Measurements["temperature"].Statistics.Count)));
        }
    }

    [Fact]
    public async Task A_report_is_made_of_the_shortest_windows_that_are_kept()
    {
        Assert.Equal("PT1M", _periods.PeriodFor(LocalDay.Of(DateOnly.FromDateTime(_clock.GetUtcNow().DateTime), "UTC"), Now).ToString());
        var old = LocalDay.Of(DateOnly.FromDateTime(WindowRows.Now.DateTime), "UTC");
        Assert.Equal("PT15M", _periods.PeriodFor(old, Now).ToString());
        var rows = await _store.QueryPeriodAsync(new(old.From, old.To, [7], _periods.Contract), Stop).ToListAsync(Stop);
        Assert.Equal([0, 0.5], rows.Select(row => row.Statistics.Mean));
    }

    private Task<long> MergeAsync() => new WindowMerger(_store.MergedWindows, Random.Shared.NextInt64).MergeAsync(Now, Now, Stop);

    private async Task<List<SensorWindow>> AllAsync(string period, int limit = 1000)
    {
        var all = new List<SensorWindow>();
        for (long? at = Now - (2000 * Day); at is { } next;)
        {
            (var page, at) = await _history.ReadAsync(new(7, WindowPeriod.Parse(period)), next, Now, limit, Stop);
            all.AddRange(page);
        }

        return all;
    }
}
