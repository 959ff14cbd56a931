using GrainSensors.Core.Merging;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests.Merging;

/// <summary>Longer windows that are merged from panes, tested on each database.</summary>
public abstract class MergedWindowTests : IAsyncLifetime
{
    private IStore? _store;

    protected FakeTimeProvider Clock { get; } = new(Now);

    protected static LongerPeriods Longer { get; } =
        new(Period.Default, [WindowPeriod.Parse("PT1H/PT30M"), WindowPeriod.Parse("P1D@Europe/Madrid")]);

    protected static WindowStoreOptions Options { get; } = new() { Longer = Longer };

    protected IStore Store => _store!;

    protected WindowMerger Merger => new(Store.MergedWindows, Random.Shared.NextInt64);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync(Options);
        await _store.PrepareAsync(Stop);
        await _store.SetPeriodAsync(Period.Default, Stop);
        await _store.MergedWindows.SetPeriodsAsync(Stop);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync(WindowStoreOptions options);

    [Fact]
    public async Task A_final_pane_makes_each_longer_window_over_it_stale_and_a_provisional_one_none()
    {
        await WriteAsync(Pane(0, 20) with { IsFinal = false });
        Assert.Empty(await StaleAsync());

        await WriteAsync(Pane(1, 20), Pane(-1, 21));
        Assert.Equal(
            [
                "P1D@Europe/Madrid 2026-11-23T23:00:00Z", "PT1H/PT30M 2026-11-24T09:30:00Z", "PT1H/PT30M 2026-11-24T10:00:00Z",
                "PT1H/PT30M 2026-11-24T10:30:00Z",
            ],
            (await StaleAsync()).Select(window => $"{window.Id.Period} {EpochTime.ToIso8601(window.Id.Start)}").Order());
    }

    [Fact]
    public async Task A_merge_has_the_statistics_of_the_final_panes_and_is_not_stale()
    {
        var humid = Pane(1, 30);
        humid = humid with { Measurements = [new("humidity", new(2, 60, 2, 59, 61), 61), .. humid.Measurements] };
        await WriteAsync(Pane(-2, 1), Pane(-1, 20, 22), Pane(0, 10) with { IsFinal = false }, humid, Pane(3, 99));
        Assert.Equal(6, await MergeAsync());

        var hour = await ReadAsync(Hour(Start - Quarter));
        Assert.Equal(
            [new("humidity", new(2, 60, 2, 59, 61), 61), new MeasuredStatistics("temperature", new(3, 24, 56, 20, 30), 30)],
            hour.Statistics.Measurements.OrderBy(measured => measured.Measurement));
        Assert.Equal(humid.Latest, hour.Statistics.Latest);
        Assert.Equal((new WindowPeriod(Period.Default), 0, true, false), (hour.Source, hour.Revision, hour.IsFinal, hour.IsStale));
        Assert.Equal(5, (await ReadAsync(Day)).Statistics.Measurements.Single(m => m.Measurement == "temperature").Statistics.Count);
        Assert.Empty(await StaleAsync());
    }

    [Fact]
    public async Task A_merge_has_a_sketch_if_all_panes_have_one()
    {
        await WriteAsync(
            Pane(-1, 20).WithValues(("humidity", [40]), ("temperature", [20, 21])),
            Pane(0, 20).WithValues(("temperature", [30, 31])));
        await MergeAsync();
        Assert.Equal([1L, 4L], await SketchedAsync());
        var day = (await ReadAsync(Day)).Statistics.Measurements.Single(measured => measured.Measurement == "temperature");
        Assert.Equal(SketchOf([20, 21, 30, 31]).ToBytes(), day.Sketch!.ToBytes());

        await WriteAsync(Pane(1, 25));
        await MergeAsync();
        Assert.Equal([1L, null], await SketchedAsync());

        async Task<IEnumerable<long?>> SketchedAsync() => (await ReadAsync(Day)).Statistics.Measurements
            .OrderBy(measured => measured.Measurement).Select(measured => measured.Sketch?.Count);
    }

    [Fact]
    public async Task A_merge_has_the_first_and_the_last_value_if_all_panes_know_them()
    {
        await WriteAsync(
            Pane(-1, 20).WithValues(("humidity", [40]), ("temperature", [20, 21])),
            Pane(0, 20).WithValues(("temperature", [30, 31])));
        await MergeAsync();
        Assert.Equal(
            [new(Start - Quarter, 40, Start - Quarter, 40), new EdgeValues(Start - Quarter, 20, Start + EpochTime.MicrosPerSecond, 31)],
            await EdgesAsync());

        await WriteAsync(Pane(1, 25));
        await MergeAsync();
        Assert.Equal([new EdgeValues(Start - Quarter, 40, Start - Quarter, 40), null], await EdgesAsync());

        async Task<IEnumerable<EdgeValues?>> EdgesAsync() => (await ReadAsync(Day)).Statistics.Measurements
            .OrderBy(measured => measured.Measurement).Select(measured => measured.Edges);
    }

    [Fact]
    public async Task The_revision_counts_the_merges_that_changed_something()
    {
        var pane = Pane(0, 20);
        await WriteAsync(pane);
        await MergeAsync();
        Assert.Equal(0, (await ReadAsync(Day)).Revision);

        var late = Pane(0, 20, 25);
        await RewriteAsync(late, pane);
        Assert.True((await ReadAsync(Day)).IsStale);
        Assert.Equal(1, (await ReadAsync(Day)).Statistics.Measurements[0].Statistics.Count);
        await MergeAsync();
        Assert.Equal(1, (await ReadAsync(Day)).Revision);

        await RewriteAsync(late with { RowVersion = 5 }, late);
        await MergeAsync();
        Assert.Equal((1, false), ((await ReadAsync(Day)).Revision, (await ReadAsync(Day)).IsStale));
        Assert.Equal(2, (await ReadAsync(Day)).Statistics.Measurements[0].Statistics.Count);
    }

    [Fact]
    public async Task A_window_is_merged_once_it_is_over()
    {
        await WriteAsync(Pane(0, 20));
        Assert.Equal(1, await Merger.MergeAsync(Hour(Start - (3 * Quarter)).End, EpochTime.Max, Stop));
        Assert.Equal(2, (await StaleAsync()).Count);
        Assert.False((await ReadAsync(Hour(Start - Quarter))).IsFinal);
    }

    [Fact]
    public async Task A_pane_that_is_written_while_its_longer_window_is_merged_has_the_merge_refused()
    {
        await WriteAsync(Pane(0, 20));
        var stale = await StaleAsync();
        await WriteAsync(Pane(1, 30));

        var outcomes = await Store.MergedWindows.WriteAsync(MergesOf(stale), Stop);
        Assert.Equal(
            stale.Select(window => window.Id == Hour(Start - (3 * Quarter)) ? WriteOutcome.Written : WriteOutcome.Refused), outcomes);
        Assert.True((await ReadAsync(Day)).IsStale);
        await MergeAsync();
        Assert.Equal(new(2, 25, 50, 20, 30), (await ReadAsync(Day)).Statistics.Measurements[0].Statistics);
    }

    [Fact]
    public async Task A_merger_that_ends_after_reading_leaves_its_windows_to_the_next_one()
    {
        await WriteAsync(Pane(0, 20));
        Assert.All(await StaleAsync(), window => Assert.Single(window.Panes));
        await Store.DisposeAsync();

        _store = await OpenAsync(new());
        Assert.Equal(3, (await StaleAsync()).Count);
        await MergeAsync();
        Assert.Equal(1, (await ReadAsync(Day)).Statistics.Measurements[0].Statistics.Count);
    }

    [Fact]
    public async Task A_pane_whose_write_or_removal_is_refused_makes_nothing_stale()
    {
        var pane = Pane(0, 20);
        await WriteAsync(pane);
        await MergeAsync();

        var (stale, other) = (Pane(0, 99) with { RowVersion = 2 }, Pane(96, 30));
        Assert.Equal(
            [WriteOutcome.Refused, WriteOutcome.Written, WriteOutcome.Refused],
            await Store.WriteAsync([new(stale, 77), new(other, null), new(Pane(200, 1) with { RowVersion = 3 }, 77)], Stop));
        Assert.False(Assert.Single(await Store.Reconciliation.RemoveAsync([new(pane.Id, 77)], Stop)));
        Assert.False((await ReadAsync(Day)).IsStale);
        Assert.All(await StaleAsync(), window => Assert.Equal(other.Id.Start, Assert.Single(window.Panes).Start));
        Assert.Equal(3, (await StaleAsync()).Count);
    }

    [Fact]
    public async Task Two_mergers_at_once_and_panes_that_are_written_meanwhile_leave_each_window_the_merge_of_its_panes()
    {
        var versions = new Dictionary<WindowId, StoredWindow>();
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var panes = Enumerable.Range(0, 40)
                .Select(sensor => Pane(random.Next(-4, 5), random.Next(50), random.Next(50)) with { RowVersion = random.NextInt64() })
                .Select((pane, sensor) => pane with { Id = pane.Id with { SensorId = sensor } }).ToList();
            var writes = Store.WriteAsync(
                [.. panes.Select(pane => new WindowWrite(pane, versions.GetValueOrDefault(pane.Id)?.RowVersion))], Stop);
            await Task.WhenAll(writes, MergeAsync(), MergeAsync());
            Assert.All(await writes, outcome => Assert.Equal(WriteOutcome.Written, outcome));
            panes.ForEach(pane => versions[pane.Id] = pane);
        }

        await MergeAsync();
        var windows = versions.Keys.SelectMany(Longer.Over).Distinct().ToList();
        var stored = await Store.MergedWindows.ReadAsync(windows, Stop);
        Assert.Equal(windows.Count, stored.Count);
        Assert.All(stored, window => AssertIsMergeOf(versions.Values.Where(pane => Longer.Over(pane.Id).Contains(window.Id)), window));
    }

    [Fact]
    public async Task A_pane_that_reconciliation_removes_leaves_its_longer_windows()
    {
        var (first, second) = (Pane(0, 20), Pane(1, 30));
        await WriteAsync(first, second);
        await MergeAsync();

        Assert.True(Assert.Single(await Store.Reconciliation.RemoveAsync([new(second.Id, second.RowVersion)], Stop)));
        Assert.True((await ReadAsync(Day)).IsStale);
        await MergeAsync();
        AssertIsMergeOf([first], await ReadAsync(Day));

        await Store.Reconciliation.RemoveAsync([new(first.Id, first.RowVersion)], Stop);
        await MergeAsync();
        Assert.Empty((await ReadAsync(Day)).Statistics.Measurements);
        Assert.Null((await ReadAsync(Day)).Statistics.Latest);
        Assert.Equal(2, (await ReadAsync(Day)).Revision);
    }

    [Fact]
    public async Task A_longer_window_that_was_made_of_other_panes_stays_as_it_is()
    {
        await WriteAsync(Pane(0, 20));
        await MergeAsync();
        await Store.DisposeAsync();

        var minute = Period.Parse("PT1M");
        _store = await OpenAsync(new() { Longer = new(minute, [WindowPeriod.Parse("P1D@Europe/Madrid")]) });
        await Store.MergedWindows.SetPeriodsAsync(Stop);
        await WriteAsync(Pane(0, 30) with { Id = new(7, minute, Start) });
        Assert.Empty(await StaleAsync());
        Assert.Equal(new(Period.Default), (await ReadAsync(Day)).Source);
    }

    [Fact]
    public async Task Without_longer_periods_nothing_is_stale()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync(new());
        var pane = Pane(0, 20);
        await WriteAsync(pane);
        await Store.Reconciliation.RemoveAsync([new(pane.Id, pane.RowVersion)], Stop);
        Assert.Empty(await StaleAsync());
        Assert.Empty(await Store.MergedWindows.WriteAsync([], Stop));
    }

    [Fact]
    public async Task A_merge_of_another_life_of_the_store_is_refused()
    {
        await WriteAsync(Pane(0, 20));
        var stale = (await StaleAsync()).Select(window => window with { Life = Guid.NewGuid() });
        Assert.All(await Store.MergedWindows.WriteAsync(MergesOf(stale), Stop), outcome => Assert.Equal(WriteOutcome.Refused, outcome));
        Assert.Equal(3, (await StaleAsync()).Count);
    }

    protected static List<WindowMerge> MergesOf(IEnumerable<StaleWindow> stale) =>
        [.. stale.Select((window, i) => new WindowMerge(window, MergedStatistics.Of(window.Panes), i))];

    protected static MergedWindowId Day => new(7, WindowPeriod.Parse("P1D@Europe/Madrid"), Start - (45 * Quarter));

    protected static MergedWindowId Hour(long start) => new(7, WindowPeriod.Parse("PT1H/PT30M"), start);

    /// <returns>A final pane with a latest reading.</returns>
    /// <param name="at">The number of quarters after <see cref="Start"/>.</param>
    protected static StoredWindow Pane(int at, params double[] values)
    {
        var statistics = values.Aggregate(default(RunningStatistics), (all, value) => all.Add(value));
        var start = Start + (at * Quarter);
        return new(
            new(7, Period.Default, start), [new("temperature", statistics, values[^1])], Marks.Empty.Raise(Source, 41), 1, 0, IsFinal: true)
        {
            Latest = new(start + values.Length, 1, 41, 0),
        };
    }

    protected async Task WriteAsync(params StoredWindow[] panes) => Assert.All(
        await Store.WriteAsync([.. panes.Select(pane => new WindowWrite(pane, null))], Stop),
        outcome => Assert.Equal(WriteOutcome.Written, outcome));

    protected async Task<MergedWindow> ReadAsync(MergedWindowId window) =>
        Assert.Single(await Store.MergedWindows.ReadAsync([window], Stop));

    /// <summary>Merges what is stale, whether or not it is over.</summary>
    protected Task<long> MergeAsync() => Merger.MergeAsync(EpochTime.Max, EpochTime.Max, Stop);

    protected Task<IReadOnlyList<StaleWindow>> StaleAsync() =>
        Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 100, Stop);

    protected async Task RewriteAsync(StoredWindow pane, StoredWindow before) =>
        Assert.Equal([WriteOutcome.Written], await Store.WriteAsync([new(pane, before.RowVersion)], Stop));

    private static void AssertIsMergeOf(IEnumerable<StoredWindow> panes, MergedWindow window)
    {
        var want = MergedStatistics.Of(panes.Select(WindowPane.Of));
        Assert.False(window.IsStale);
        Assert.Equal(want.Measurements, window.Statistics.Measurements);
        Assert.Equal(want.Latest, window.Statistics.Latest);
    }
}
