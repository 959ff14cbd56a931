using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Storage;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Reconciliation.Tests;

public sealed class LongerWindowCheckTests : IAsyncLifetime
{
    private static readonly WindowPeriod Hour = WindowPeriod.Parse("PT1H");
    private static readonly WindowPeriod Day = WindowPeriod.Parse("P1D@Europe/Madrid");

    private readonly TemporaryDirectory _folder = new();
    private readonly IStore _store;

    public LongerWindowCheckTests() => _store = WindowStoreAddress.Parse($"sqlite:{_folder.File("windows.db")}").Open(
        new()
        {
            Longer = new(Period.Default, [Hour, Day]),
            Retentions = new Dictionary<string, TimeSpan>
            {
                ["PT15M"] = TimeSpan.FromDays(1),
                ["PT1H"] = TimeSpan.FromDays(400),
                ["P1D@Europe/Madrid"] = Timeout.InfiniteTimeSpan,
            },
        },
        new FakeTimeProvider(Now.AddDays(50)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _store.PrepareAsync(Stop);
        await _store.MergedWindows.SetPeriodsAsync(Stop);
        var panes = Enumerable.Range(0, 200).SelectMany(quarter => new[] { 7, 8 }.Select(sensor => new StoredWindow(
            new(sensor, Period.Default, Start + (quarter * Quarter)), [new("temperature", new(1, quarter / 3.0, 0, 1, 2), 1)], Marks.Empty,
            1, 0, IsFinal: true)));
        await _store.WriteAsync([.. panes.Select(pane => new WindowWrite(pane, null))], Stop);
        await MergeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Windows_that_are_the_merge_of_their_panes_are_compared_and_stay()
    {
        var result = await CheckAsync();
        Assert.Equal(2 * (51 + 3), result.Compared);
        Assert.Empty(result.Differing);
    }

    [Fact]
    public async Task A_window_that_is_not_the_merge_of_its_panes_is_found_and_merged_again()
    {
        var damaged = await DamageAsync(7);
        Assert.Equal([damaged], (await CheckAsync(dryRun: true)).Differing);
        Assert.Equal(99, await CountAsync(damaged));

        Assert.Equal([damaged], (await CheckAsync()).Differing);
        await MergeAsync();
        Assert.Equal(4, await CountAsync(damaged));
        Assert.Empty((await CheckAsync()).Differing);
    }

    [Fact]
    public async Task A_window_with_another_sketch_than_its_panes_together_is_found()
    {
        var window = new StoredWindow(new(9, Period.Default, Start), [], Marks.Empty, 1, 0, IsFinal: true)
            .WithValues(("temperature", [1, 2]));
        Assert.Equal([WriteOutcome.Written], await _store.WriteAsync([new(window, null)], Stop));
        Assert.Equal(2, await MergeAsync());
        Assert.Equal((2, 0), await CheckAsync(sensor: 9) is var right ? (right.Compared, right.Differing.Count) : default);

        var id = new MergedWindowId(9, Hour, Hour.StartsOver(Start).First());
        var merge = Assert.Single(await _store.MergedWindows.ReadMergedAsync([id], Stop));
        var merged = MergedStatistics.Of(merge.Panes);
        var wrong = merged with { Measurements = [merged.Measurements[0] with { Sketch = SketchOf([1, 1]) }] };
        await _store.MergedWindows.WriteAsync([new(merge, wrong, 1234)], Stop);

        Assert.Equal([id], (await CheckAsync(sensor: 9)).Differing);
        await MergeAsync();
        Assert.Empty((await CheckAsync(sensor: 9)).Differing);
    }

    [Fact]
    public async Task Other_sensors_and_windows_whose_panes_are_deleted_are_not_judged()
    {
        await DamageAsync(7);
        Assert.Empty((await CheckAsync(sensor: 8)).Differing);
        await _store.MaintainAsync(Stop);
        var result = await CheckAsync();
        Assert.Empty(result.Differing);
        Assert.Equal(2 * 3, result.Compared);
    }

    private Task<LongerWindowsResult> CheckAsync(bool dryRun = false, int? sensor = null) =>
        new LongerWindowCheck(_store).RunAsync(
            sensor is { } only ? [only] : null, Start, Start + (200 * Quarter), dryRun, Stop);

    /// <summary>Writes what is not the merge of the panes. The day is merged of it.</summary>
    private async Task<MergedWindowId> DamageAsync(int sensor)
    {
        var id = new MergedWindowId(sensor, Hour, Hour.FirstAt(Start));
        var merged = Assert.Single(await _store.MergedWindows.ReadMergedAsync([id], Stop));
        var wrong = new MergedStatistics([new("temperature", new(99, 1, 1, 1, 1), 1)], null);
        Assert.Equal([WriteOutcome.Written], await _store.MergedWindows.WriteAsync([new(merged, wrong, 1234)], Stop));
        await MergeAsync();
        return id;
    }

    private async Task<long> CountAsync(MergedWindowId id) =>
        Assert.Single(await _store.MergedWindows.ReadAsync([id], Stop)).Statistics.Measurements[0].Statistics.Count;

    private Task<long> MergeAsync() =>
        new WindowMerger(_store.MergedWindows, Random.Shared.NextInt64).MergeAsync(EpochTime.Max, EpochTime.Max, Stop);
}
