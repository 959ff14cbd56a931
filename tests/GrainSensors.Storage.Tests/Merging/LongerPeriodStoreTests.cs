using System.Globalization;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests.Merging;

/// <summary>Several periods in one store, tested on each database: minutes are counted, the others are merged.</summary>
public abstract class LongerPeriodStoreTests : IAsyncLifetime
{
    private const long Minute = 60 * EpochTime.MicrosPerSecond;
    private static readonly Period Pane = Period.Parse("PT1M");
    private static readonly WindowPeriod Contract = WindowPeriod.Parse("PT15M");
    private static readonly WindowPeriod Day = WindowPeriod.Parse("P1D@Europe/Madrid");

    private static readonly WindowStoreOptions Options = new()
    {
        Retention = TimeSpan.FromDays(400),
        Retentions = new Dictionary<string, TimeSpan> { ["PT1M"] = TimeSpan.FromDays(7), [Day.ToString()] = Timeout.InfiniteTimeSpan },
        Longer = new(Pane, [Contract, Day, WindowPeriod.Parse("P1M@Europe/Madrid")]),
    };

    private IStore? _store;

    protected FakeTimeProvider Clock { get; } = new(Now);

    protected IStore Store => _store!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => await ReopenAsync(Options);

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync(WindowStoreOptions options);

    protected abstract Task<List<object?[]>> SelectAsync(string sql);

    [Fact]
    public async Task Each_period_is_merged_from_the_next_shorter_one_that_it_consists_of()
    {
        await WriteAsync(Of(0, 20), Of(14, 22), Of(15, 30));
        await MergeAsync();

        Assert.Equal(new(2, 21, 2, 20, 22), await StatisticsAsync(Contract, Start));
        Assert.Equal(new(1, 30, 0, 30, 30), await StatisticsAsync(Contract, Start + Quarter));
        Assert.Equal(new(3, 24, 56, 20, 30), await StatisticsAsync(Day));
        Assert.Equal(new(3, 24, 56, 20, 30), await StatisticsAsync(WindowPeriod.Parse("P1M@Europe/Madrid")));
        Assert.Equal(
            ["PT1M", "PT15M", "P1D@Europe/Madrid"],
            new[] { Contract, Day, WindowPeriod.Parse("P1M@Europe/Madrid") }
                .Select(async period => await OnlyAsync(period, period == Contract ? Start : null))
                .Select(window => window.Result.Source.ToString()));
    }

    [Fact]
    public async Task Each_period_has_the_sketches_of_its_panes()
    {
        await WriteAsync(
            Of(0, 20).WithValues(("temperature", [20, 25])), Of(14, 22).WithValues(("temperature", [-3])),
            Of(15, 30).WithValues(("temperature", [30, 0])));
        await MergeAsync();

        var month = (await OnlyAsync(WindowPeriod.Parse("P1M@Europe/Madrid"))).Statistics.Measurements[0];
        Assert.Equal(SketchOf([20, 25, -3, 30, 0]).ToBytes(), month.Sketch!.ToBytes());
        Assert.Equal(3, (await OnlyAsync(Contract, Start)).Statistics.Measurements[0].Sketch!.Count);
    }

    [Fact]
    public async Task A_late_pane_changes_every_longer_window_over_it_once()
    {
        var pane = Of(0, 20);
        await WriteAsync(pane, Of(20, 30));
        await MergeAsync();
        var late = Of(0, 20, 40) with { RowVersion = 77 };
        Assert.Equal([WriteOutcome.Written], await Store.WriteAsync([new(late, pane.RowVersion)], Stop));
        await MergeAsync();

        Assert.Equal(1, (await OnlyAsync(Contract, Start)).Revision);
        Assert.Equal(0, (await OnlyAsync(Contract, Start + Quarter)).Revision);
        Assert.Equal((1, 3L), ((await OnlyAsync(Day)).Revision, (await StatisticsAsync(Day)).Count));
        Assert.Equal(1, (await OnlyAsync(WindowPeriod.Parse("P1M@Europe/Madrid"))).Revision);
    }

    [Fact]
    public async Task The_contract_shows_what_its_window_has_so_far_from_the_first_provisional_pane_on()
    {
        await WriteAsync(Of(0, 20) with { IsFinal = false });
        Assert.Equal([[7L, 20m, 20m, 20m]], await TemperaturesAsync());

        await WriteAsync(Of(1, 30, 31));
        await WriteAsync(Of(2, 10) with { IsFinal = false });
        Assert.Equal([[7L, 22.75m, 10m, 31m]], await TemperaturesAsync());
        Assert.Equal(
            ["P1D@Europe/Madrid 4 22.75 False", "P1M@Europe/Madrid 4 22.75 False", "PT15M 4 22.75 False"],
            (await SelectAsync("SELECT period, sample_count, mean, is_final FROM longer_windows ORDER BY period")).Select(row =>
                string.Create(CultureInfo.InvariantCulture, $"{row[0]} {row[1]} {row[2]} {Convert.ToInt32(row[3], null) != 0}")));
    }

    [Fact]
    public async Task Longer_windows_show_their_sum_and_their_first_and_last_values_merged_or_so_far()
    {
        await WriteAsync(
            Of(1).WithValues(("temperature", [30, 31])),
            Of(2).WithValues(("humidity", [50]), ("temperature", [10])) with { IsFinal = false });
        await AssertShownAsync($"humidity 50 50 {At(2)} 50 {At(2)}", $"temperature 71 30 {At(1)} 10 {At(2)}");

        await WriteAsync(Of(3).WithValues(("temperature", [20])));
        await MergeAsync();
        await AssertShownAsync($"temperature 81 30 {At(1)} 20 {At(3)}");

        await WriteAsync(Of(4, 5));
        await MergeAsync();
        await AssertShownAsync("temperature 86    ");

        static long At(int minute) => Start + (minute * Minute);

        async Task AssertShownAsync(params string[] rows)
        {
            var shown = await SelectAsync(
                "SELECT period, metric, sum, first, first_at, last, last_at FROM longer_windows ORDER BY period, metric");
            Assert.Equal(
                Enumerable.Repeat(rows, 3).SelectMany(row => row), shown.Select(row => string.Join(' ', row.Skip(1).Select(Text))));
        }

        static string Text(object? value) => value is DateTime time
            ? $"{(time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}"
            : string.Create(CultureInfo.InvariantCulture, $"{value}");
    }

    [Fact]
    public async Task The_contract_shows_merged_windows_and_the_hours_and_days_of_them()
    {
        await WriteAsync([.. Enumerable.Range(0, 60).Select(minute => Of(minute, minute))]);
        await MergeAsync();
        Assert.Equal([[7L, 7m, 0m, 14m], [7L, 22m, 15m, 29m], [7L, 37m, 30m, 44m], [7L, 52m, 45m, 59m]], await TemperaturesAsync());
        var hours = await SelectAsync("SELECT sample_count, mean, windows FROM sensor_hours WHERE windows > 0 ORDER BY hour");
        Assert.Equal([(45L, 22.0, 3L), (15L, 52.0, 1L)], hours.Select(Counted));
        Assert.Equal([(60L, 29.5, 4L)], (await SelectAsync("SELECT sample_count, mean, windows FROM sensor_days")).Select(Counted));

        static (long, double, long) Counted(object?[] row) => (
            Convert.ToInt64(row[0], null), Math.Round(Convert.ToDouble(row[1], null), 9), Convert.ToInt64(row[2], null));
    }

    [Fact]
    public async Task A_window_waits_for_its_provisional_panes_unless_they_take_too_long()
    {
        var provisional = Of(1, 30) with { IsFinal = false };
        await WriteAsync(Of(0, 20), provisional);
        var end = Start + Quarter;
        Assert.Empty(await Store.MergedWindows.ReadStaleAsync(end, end - 1, null, 10, Stop));
        Assert.Single((await Store.MergedWindows.ReadStaleAsync(end, end, null, 10, Stop))[0].Panes);

        Assert.Equal(
            [WriteOutcome.Written],
            await Store.WriteAsync([new(provisional with { IsFinal = true, RowVersion = 5 }, provisional.RowVersion)], Stop));
        Assert.Equal(2, (await Store.MergedWindows.ReadStaleAsync(end, end - 1, null, 10, Stop))[0].Panes.Count);
    }

    [Fact]
    public async Task A_changed_window_is_due_until_it_is_announced_as_it_is_stored()
    {
        await WriteAsync(Of(0, 20));
        await MergeAsync();
        var due = await Store.MergedWindows.ReadDueAsync(10, Stop);
        Assert.Equal([Contract, Day, WindowPeriod.Parse("P1M@Europe/Madrid")], due.Select(window => window.Id.Period));

        // One of them changes after it was read.
        await WriteAsync(Of(20, 30));
        await MergeAsync();
        await Store.MergedWindows.AnnouncedAsync(due, Stop);
        var left = await Store.MergedWindows.ReadDueAsync(10, Stop);
        Assert.Equal(
            [("PT15M", 0), ("P1D@Europe/Madrid", 1), ("P1M@Europe/Madrid", 1)],
            left.Select(window => (window.Id.Period.ToString(), window.Revision)));
        await Store.MergedWindows.AnnouncedAsync(left, Stop);
        Assert.Empty(await Store.MergedWindows.ReadDueAsync(10, Stop));
    }

    [Fact]
    public async Task A_period_is_merged_from_the_first_window_after_it_was_added_and_counted_windows_stay()
    {
        // Until now, quarters were counted.
        await ReopenAsync(new() { Retention = Options.Retention });
        await WriteAsync(new StoredWindow(
            new(7, Period.Default, Start), [new("temperature", new(1, 99, 0, 99, 99), 99)], Marks.Empty, 1, 0, IsFinal: true));
        Clock.SetUtcNow(Now.AddDays(1));
        await ReopenAsync(Options);

        var next = Day.FirstAt(EpochTime.Now(Clock));
        await WriteAsync(Of(2, 20), At(next - Minute, 30), At(next, 40));
        await MergeAsync();
        Assert.Equal(new(1, 40, 0, 40, 40), await StatisticsAsync(Day, next));
        Assert.Equal([[7L, 99m, 99m, 99m], [7L, 30m, 30m, 30m], [7L, 40m, 40m, 40m]], await TemperaturesAsync());

        // A restart changes nothing.
        await ReopenAsync(Options);
        Assert.Equal(1, Assert.Single(await AllAsync(Day)).Statistics.Measurements[0].Statistics.Count);
    }

    [Fact]
    public async Task A_command_with_another_configuration_changes_no_period_and_makes_windows_stale()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync(new());
        await Store.PrepareAsync(Stop);
        await Store.SetPeriodAsync(Period.Default, Stop);
        Assert.Equal(3, Store.MergedWindows.Periods.All.Count);
        await WriteAsync(Of(0, 20));
        Assert.Equal(
            Contract, (await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 10, Stop))[0].Id.Period);
    }

    [Fact]
    public async Task A_period_that_a_restart_leaves_out_is_merged_for_a_day_and_goes_on_when_it_comes_back()
    {
        await WriteAsync(Of(0, 20));
        await ReopenAsync(new() { Longer = new(Pane, [Contract]) });
        await WriteAsync(Of(1, 30));
        await ReopenAsync(Options);
        await WriteAsync(Of(2, 40));
        await MergeAsync();
        Assert.Equal(3, (await StatisticsAsync(Day)).Count);

        await ReopenAsync(new() { Longer = new(Pane, [Contract]) });
        Clock.Advance(TimeSpan.FromDays(1.1));
        var next = Day.FirstAt(EpochTime.Now(Clock));
        await WriteAsync(At(next - Minute, 50));
        Assert.All(await StaleAsync(), window => Assert.Equal(Contract, window.Id.Period));

        // A window that is there is still merged after a late reading.
        await WriteAsync(Of(3, 50));
        await MergeAsync();
        Assert.Equal(4, (await StatisticsAsync(Day)).Count);

        // It begins anew with the next day.
        await ReopenAsync(Options);
        await WriteAsync(At(next - (2 * Minute), 60), At(next + Minute, 70));
        await MergeAsync();
        Assert.Equal([4, 1], (await AllAsync(Day)).Select(day => (int)day.Statistics.Measurements[0].Statistics.Count));
    }

    [Fact]
    public async Task A_window_keeps_its_panes_when_the_period_gets_others()
    {
        var (hour, half) = (WindowPeriod.Parse("PT1H"), WindowPeriod.Parse("PT30M"));
        await ReopenAsync(new() { Longer = new(Pane, [Contract, hour]) });
        await WriteAsync(Of(0, 20));
        await ReopenAsync(new() { Longer = new(Pane, [Contract, half, hour]) });
        await WriteAsync(Of(1, 30));
        var next = hour.FirstAt(EpochTime.Now(Clock) + (2 * Minute));
        await WriteAsync(At(next, 40), At(next + (50 * Minute), 50));
        await MergeAsync();

        var hours = await AllAsync(hour);
        Assert.Equal([("PT15M", 2), ("PT30M", 2)], hours.Select(
            window => (window.Source.ToString(), (int)window.Statistics.Measurements[0].Statistics.Count)));
        var late = Of(1, 30, 31) with { RowVersion = 9 };
        await Store.WriteAsync([new(late, 1)], Stop);
        await MergeAsync();
        Assert.Equal(3, (await AllAsync(hour))[0].Statistics.Measurements[0].Statistics.Count);
    }

    [Fact]
    public async Task Panes_that_wait_to_be_merged_are_kept_and_a_window_whose_panes_are_deleted_stays()
    {
        await WriteAsync(Of(0, 20), Of(1, 30));
        Clock.Advance(TimeSpan.FromDays(8));
        await Store.MaintainAsync(Stop);
        Assert.Equal(2, (await Store.QueryAsync()).Count);
        await MergeAsync();
        await Store.MaintainAsync(Stop);
        Assert.Empty(await Store.QueryAsync());

        // By a command that ignores retention.
        await WriteAsync(Of(2, 99));
        Assert.Empty(await StaleAsync());
        Assert.Empty(await Store.MergedWindows.MarkStaleAsync([(await OnlyAsync(Contract)).Id], Stop));
        Assert.Equal(2, (await StatisticsAsync(Contract)).Count);

        // The quarters are kept.
        Assert.Single(await Store.MergedWindows.MarkStaleAsync([(await OnlyAsync(Day)).Id], Stop));
        await MergeAsync();
        Assert.Equal(2, (await StatisticsAsync(Day)).Count);
    }

    [Fact]
    public async Task A_window_that_a_single_period_counts_again_does_not_hide_the_merged_one()
    {
        await WriteAsync(Of(0, 20), Of(1, 30));
        await MergeAsync();
        await ReopenAsync(new());
        await WriteAsync(new StoredWindow(
            new(7, Period.Default, Start), [new("temperature", new(1, 99, 0, 99, 99), 99)], Marks.Empty, 1, 0, IsFinal: true));
        Assert.Equal([[7L, 25m, 20m, 30m]], await TemperaturesAsync());
        var rows = await Store.QueryPeriodAsync(new(0, EpochTime.Max, [7], Period.Default), Stop).ToListAsync(Stop);
        Assert.Equal(25, Assert.Single(rows).Statistics.Mean);
    }

    [Fact]
    public async Task Values_whose_squares_are_no_numbers_break_no_view()
    {
        await WriteAsync(Of(0, 1e-200), Of(1, 2e-200) with { IsFinal = false });
        Assert.Equal([[7L, 0m, 0m, 0m]], await TemperaturesAsync());
        Assert.Single(await SelectAsync("SELECT * FROM sensor_hours"));
    }

    [Fact]
    public async Task Readings_are_as_far_as_the_slowest_source_that_has_open_windows()
    {
        Assert.Null(await Store.MergedWindows.ReadStreamTimeAsync(0, Stop));
        foreach (var (partition, time, open) in new[] { (0, Start + 5, Start), (1, Start + 3, long.MaxValue), (2, Start + 9, Start + 1) })
        {
            var checkpoint = new Checkpoint(Source with { Partition = partition }, 7, time, open) { Token = 1, Life = Store.Life };
            Assert.True(await Store.WriteCheckpointAsync(checkpoint, Stop));
        }

        Assert.Equal(Start + 5, await Store.MergedWindows.ReadStreamTimeAsync(EpochTime.Now(Clock), Stop));
        Assert.Null(await Store.MergedWindows.ReadStreamTimeAsync(EpochTime.Now(Clock) + 1, Stop));
    }

    [Fact]
    public async Task Each_stale_window_is_read_once_in_pages()
    {
        await WriteAsync([.. Enumerable.Range(0, 10).Select(sensor => Of(0, 20) with { Id = new(sensor, Pane, Start) })]);
        var (found, after) = (new List<MergedWindowId>(), (MergedWindowId?)null);
        while (await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, after, 3, Stop) is [.., var last] page)
        {
            found.AddRange(page.Select(window => window.Id));
            after = last.Id;
        }

        Assert.Equal(10, found.Count(id => id.Period.Equals(Contract)));
        Assert.Equal(found.Count, found.Distinct().Count());
    }

    [Fact]
    public async Task Each_period_has_the_retention_of_its_own()
    {
        await WriteAsync(Of(0, 20), At(Start + (20 * 86_400 * EpochTime.MicrosPerSecond), 30));
        await MergeAsync();
        Clock.Advance(TimeSpan.FromDays(21));
        await Store.MaintainAsync(Stop);
        Assert.Equal([30], (await Store.QueryAsync()).Select(row => row.Statistics.Mean));
        Assert.Equal(2, (await AllAsync(Contract)).Count);

        // In PostgreSQL, a month is dropped as a whole.
        Clock.Advance(TimeSpan.FromDays(420));
        await Store.MaintainAsync(Stop);
        Assert.Empty(await Store.QueryAsync());
        Assert.Empty(await AllAsync(Contract));
        Assert.Equal(2, (await AllAsync(Day)).Count);
    }

    [Fact]
    public async Task A_late_pane_of_a_longer_window_that_is_past_its_retention_does_not_bring_it_back()
    {
        await ReopenAsync(new()
        {
            Retentions = new Dictionary<string, TimeSpan> { ["PT15M"] = TimeSpan.FromDays(1) },
            Longer = new(Pane, [Contract]),
        });
        await WriteAsync(At(Start - (3 * 86_400 * EpochTime.MicrosPerSecond), 20));
        Assert.Empty(await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 10, Stop));
    }

    private static StoredWindow Of(int minute, params double[] values) =>
        At(Start + (minute * Minute), values.Length == 0 ? [0] : values);

    private static StoredWindow At(long start, params double[] values) => new(
        new(7, Pane, start),
        [new("temperature", values.Aggregate(default(RunningStatistics), (all, value) => all.Add(value)), values[^1])],
        Marks.Empty.Raise(Source, 41), 1, 0, IsFinal: true)
    {
        Latest = new(start, 1, 41, 0),
    };

    private async Task ReopenAsync(WindowStoreOptions options)
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _store = await OpenAsync(options);
        await _store.PrepareAsync(Stop);
        await _store.SetPeriodAsync(Period.Default, Stop);
        await _store.MergedWindows.SetPeriodsAsync(Stop);
    }

    private async Task WriteAsync(params StoredWindow[] panes) => Assert.All(
        await Store.WriteAsync([.. panes.Select(pane => new WindowWrite(pane, null))], Stop),
        outcome => Assert.Equal(WriteOutcome.Written, outcome));

    private Task<long> MergeAsync() =>
        new WindowMerger(Store.MergedWindows, Random.Shared.NextInt64).MergeAsync(EpochTime.Max, EpochTime.Max, Stop);

    private Task<IReadOnlyList<StaleWindow>> StaleAsync() =>
        Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 100, Stop);

    private async Task<List<MergedWindow>> AllAsync(WindowPeriod period) =>
        await Store.MergedWindows.QueryAsync([7], period, EpochTime.Min, EpochTime.Max, Stop).ToListAsync(Stop);

    private async Task<MergedWindow> OnlyAsync(WindowPeriod period, long? start = null) =>
        (await AllAsync(period)).Single(window => start is null || window.Id.Start == start);

    private async Task<RunningStatistics> StatisticsAsync(WindowPeriod period, long? start = null) =>
        Assert.Single((await OnlyAsync(period, start)).Statistics.Measurements).Statistics;

    private async Task<IEnumerable<object[]>> TemperaturesAsync() =>
        (await SelectAsync(
            "SELECT sensor_id, avg_temperature, min_temperature, max_temperature FROM sensor_temperatures ORDER BY window_start"))
        .Select(row => (object[])[Convert.ToInt64(row[0], null), .. row[1..].Select(value => (object)Convert.ToDecimal(value, null))]);
}

public sealed class SqliteLongerPeriodTests : LongerPeriodStoreTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("grainsensors-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "windows.db");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions options) =>
        Task.FromResult<IStore>(new SqliteWindowStore(Path, options, Clock));

    protected override async Task<List<object?[]>> SelectAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path};Mode=ReadOnly");
        await connection.OpenAsync(Stop);
        await using var command = new SqliteCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(Stop))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)]);
        }

        return rows;
    }
}

[Trait("Category", "System")]
public sealed class PostgresLongerPeriodTests(PostgresServer server) : LongerPeriodStoreTests
{
    private NpgsqlDataSource? _database;

    public override async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database!.DisposeAsync();
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions options) =>
        Task.FromResult<IStore>(new PostgresWindowStore(_database!, options, Clock));

    protected override Task<List<object?[]>> SelectAsync(string sql) => _database!.SelectAsync(sql);
}
