using GrainSensors.Core.Merging;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests.Merging;

/// <summary>Periods that are configured after their panes were counted, tested on each database.</summary>
public abstract class WindowBackfillTests : IAsyncLifetime
{
    private const long Hour = 3600 * EpochTime.MicrosPerSecond;
    private static readonly WindowPeriod Day = WindowPeriod.Parse("P1D@Europe/Madrid");
    private static readonly WindowPeriod Month = WindowPeriod.Parse("P1M@Europe/Madrid");
    private static readonly TimeSpan Retention = TimeSpan.FromDays(10);

    private IStore? _store;

    protected FakeTimeProvider Clock { get; } = new(Now);

    protected IStore Store => _store!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The start of the local day of <see cref="WindowRows.Start"/>.</summary>
    private static long Today { get; } = Day.StartsOver(Start).First();

    public virtual async ValueTask InitializeAsync() => await ReopenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync(WindowStoreOptions options);

    [Fact]
    public async Task Windows_of_before_the_period_was_configured_are_the_merges_of_their_panes()
    {
        await WriteAsync(Pane(-2, 1, 20), Pane(-2, 23, 30), Pane(-1, 5, 40, sensor: 8), Pane(-1, 6, 42, sensor: 8), Pane(0, 2, 50));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        Assert.Empty(await AllAsync(Day));

        var result = await FillAsync(Day);
        Assert.Equal((DayOf(-2), 3L, 2L, 0L), (result.First!.Value, result.Found, result.Merged, result.Unreached));
        Assert.Equal(
            [(7, DayOf(-2), new(2, 25, 50, 20, 30)), (8, DayOf(-1), new RunningStatistics(2, 41, 2, 40, 42))],
            (await AllAsync(Day)).Select(window => (window.Id.SensorId, window.Id.Start, window.Statistics.Measurements[0].Statistics)));

        // Today goes on, and a late reading of a day of before counts.
        Clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync(Pane(0, 3, 52), Pane(-1, 7, 44, sensor: 8));
        await MergeAsync();
        Assert.Equal(new(2, 51, 2, 50, 52), StatisticsOf((await AllAsync(Day)).Single(window => window.Id.Start == Today)));
        Assert.Equal((3, 1), await CountAsync(8, DayOf(-1)));
    }

    [Fact]
    public async Task A_second_backfill_finds_nothing_and_one_that_was_interrupted_goes_on()
    {
        await WriteAsync(Pane(-3, 1, 20), Pane(-2, 1, 30), Pane(-1, 1, 40));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        var day = await PeriodAsync(Day);
        await Store.Backfill.BeginAsync(day, DayOf(-3), DayOf(-3), Stop);
        await Store.MergedWindows.MarkStaleAsync([new(7, Day, DayOf(-3))], Stop);

        Assert.Equal((2L, 2L), Counts(await FillAsync(Day)));
        Assert.Equal((0L, 0L), Counts(await FillAsync(Day)));
        Assert.Equal([20.0, 30, 40], (await AllAsync(Day)).Select(Mean));
    }

    [Fact]
    public async Task A_dry_run_counts_and_changes_nothing()
    {
        await WriteAsync(Pane(-1, 1, 20));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        var before = await PeriodAsync(Day);

        Assert.Equal((1L, 0L), Counts(await FillAsync(Day, dryRun: true)));
        Assert.Equal(before, await PeriodAsync(Day));
        Assert.Empty(await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 10, Stop));
    }

    [Fact]
    public async Task The_first_start_is_lowered_and_never_raised()
    {
        await WriteAsync(Pane(-3, 1, 20), Pane(-2, 1, 30), Pane(-1, 1, 40));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");

        Assert.Equal((2L, 2L), Counts(await FillAsync(Day, from: DayOf(-3) + 1)));
        Assert.Equal(DayOf(-2), (await PeriodAsync(Day)).From);
        Assert.Equal((0L, 0L), Counts(await FillAsync(Day, from: DayOf(-1))));
        Assert.Equal(DayOf(-2), (await PeriodAsync(Day)).From);

        // Before the first pane there is nothing to miss.
        Assert.Equal((1L, 1L), Counts(await FillAsync(Day, to: DayOf(-2))));
        Assert.Equal(DayOf(-9), (await PeriodAsync(Day)).From);
    }

    [Fact]
    public async Task Windows_whose_panes_may_have_been_deleted_stay_absent_and_are_counted()
    {
        await WriteAsync(Pane(-1, 1, 20), Pane(-1, 20, 30), Pane(0, 1, 40));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");

        // The morning of the first day is past retention.
        Clock.SetUtcNow(DateTimeOffset.UnixEpoch + EpochTime.ToTimeSpan(DayOf(-1) + (12 * Hour)) + Retention);
        await Store.MaintainAsync(Stop);
        var result = await FillAsync(Day, from: DayOf(-4));

        Assert.Equal((BackfillLimit.PanesDeleted, 4L), (result.Reach.Limit, result.Unreached));
        Assert.Equal([(7, Today)], (await AllAsync(Day)).Select(window => (window.Id.SensorId, window.Id.Start)));
        Assert.Equal(Today, (await PeriodAsync(Day)).From);
    }

    [Fact]
    public async Task Counted_windows_of_the_period_stay()
    {
        await ReopenAsync("PT1H");
        var counted = Window(DayOf(-2), 99) with { Id = new(7, Period.Parse("P1D"), UtcDay(-2)) };
        await WriteAsync(counted, Pane(-2, 5, 20), Pane(0, 1, 40));
        await ReopenAsync("PT1H", "P1D");
        var period = WindowPeriod.Parse("P1D");

        var result = await FillAsync(period, from: UtcDay(-3));
        Assert.Equal((BackfillLimit.Counted, 2L), (result.Reach.Limit, result.Unreached));
        Assert.DoesNotContain(await RowsAsync(period), window => window.Id.Start <= UtcDay(-2));
        Assert.Equal(99, (await Store.ReadAsync([counted.Id], Stop))[0].Measurements[0].Statistics.Mean);

        // A late pane must not bring a merged row of the counted window either.
        await WriteAsync(Pane(-2, 6, 21));
        Assert.DoesNotContain(
            await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 10, Stop),
            window => window.Id.Start <= UtcDay(-2));
    }

    [Fact]
    public async Task A_window_in_which_counting_changed_to_the_panes_stays_absent()
    {
        // Quarters were counted until the middle of yesterday.
        await WriteAsync(
            Window(DayOf(-1) + (3 * Hour), 10) with { Id = new(7, Period.Default, DayOf(-1) + (3 * Hour)) },
            Pane(-1, 12, 20), Pane(0, 1, 30));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        var result = await FillAsync(Day, from: DayOf(-1));
        Assert.Equal((BackfillLimit.PanesBegin, 1L, 1L, 0L), (result.Reach.Limit, result.Unreached, result.Found, result.Merged));
        Assert.Equal(Today, (await PeriodAsync(Day)).From);
    }

    [Fact]
    public async Task A_period_whose_panes_are_merged_begins_with_them()
    {
        Clock.Advance(TimeSpan.FromDays(31));
        await WriteAsync(Pane(0, 1, 20), Pane(1, 1, 30), Pane(30, 1, 40));
        await ReopenAsync([("PT1H", null)], "PT1H", "P1D@Europe/Madrid", "P1M@Europe/Madrid");
        var result = await FillAsync(Month, from: Today);
        Assert.Equal((BackfillLimit.PanesBegin, 0L, 1L), (result.Reach.Limit, result.Found, result.Unreached));

        Assert.Equal(3, (await FillAsync(Day)).Merged);
        Clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal((2L, 2L), Counts(await FillAsync(Month)));
        Assert.Equal([25.0, 40], (await AllAsync(Month)).Select(Mean));
    }

    [Fact]
    public async Task Windows_of_a_late_process_are_announced_once_and_left_to_the_pipeline_until_they_have_ended()
    {
        await WriteAsync(Pane(-1, 1, 20), Pane(0, 1, 30));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        await FillAsync(Day);
        var due = await Store.MergedWindows.ReadDueAsync(10, Stop);
        Assert.Equal([(DayOf(-1), 0)], due.Select(window => (window.Id.Start, window.Revision)));
        var stale = await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 10, Stop);
        Assert.Equal([Today], stale.Select(window => window.Id.Start));
    }

    [Fact]
    public async Task Overlapping_windows_are_filled_from_the_first_that_holds_a_pane()
    {
        await WriteAsync(Pane(-1, 5, 20), Pane(-1, 7, 30));
        await ReopenAsync("PT1H", "PT3H/PT1H");
        var period = WindowPeriod.Parse("PT3H/PT1H");
        var result = await FillAsync(period);
        Assert.Equal((5L, 5L), Counts(result));
        Assert.Equal([20.0, 20, 25, 30, 30], (await AllAsync(period)).Select(Mean));
    }

    [Fact]
    public async Task Each_window_is_the_merge_of_its_panes_beside_writers_and_another_merger()
    {
        var panes = Enumerable.Range(0, 20).SelectMany(sensor => Enumerable.Range(-5, 5).SelectMany(day =>
            Enumerable.Range(0, 4).Select(hour => Pane(day, hour, sensor, sensor)))).ToArray();
        await WriteAsync(panes);
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        using var done = new CancellationTokenSource();
        var late = new List<StoredWindow>();
        var writer = Task.Run(
            async () =>
            {
                for (var i = 0; !done.IsCancellationRequested && i < 400; i++)
                {
                    late.Add(Pane(-5 + (i % 5), 4 + (i / 100), i, (i / 5) % 20));
                    await WriteAsync(late[^1]);
                }
            },
            Stop);
        var merger = Task.Run(
            async () =>
            {
                while (!done.IsCancellationRequested)
                {
                    await MergeAsync();
                }
            },
            Stop);
        var result = await FillAsync(Day);
        await done.CancelAsync();
        await Task.WhenAll(writer, merger);
        await MergeAsync();

        var expected = panes.Concat(late).GroupBy(pane => new MergedWindowId(pane.Id.SensorId, Day, Day.StartsOver(pane.Id.Start).First()))
            .ToDictionary(window => window.Key, window => MergedStatistics.Of(window.Select(WindowPane.Of)).Measurements[0].Statistics);
        var found = await RowsAsync(Day);
        Assert.Equal(100, expected.Count);
        Assert.All(expected, window => Assert.Equal(window.Value, StatisticsOf(found.Single(row => row.Id == window.Key))));
        Assert.InRange(result.Found, 1, 100);
    }

    protected async Task ReopenAsync(params string[] longer) => await ReopenAsync([("PT1H", Retention)], longer);

    protected async Task ReopenAsync(IEnumerable<(string Period, TimeSpan? Retention)> retentions, params string[] longer)
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        Options = new()
        {
            Retentions = retentions.ToDictionary(period => period.Period, period => period.Retention ?? Timeout.InfiniteTimeSpan),
            Longer = longer.Length < 2 ? LongerPeriods.None : new(Period.Parse(longer[0]), [.. longer[1..].Select(WindowPeriod.Parse)]),
        };
        _store = await OpenAsync(Options);
        await _store.PrepareAsync(Stop);
        await _store.SetPeriodAsync(Period.Parse("PT1H"), Stop);
        await _store.MergedWindows.SetPeriodsAsync(Stop);
    }

    protected WindowStoreOptions Options { get; private set; } = new();

    protected static StoredWindow Pane(int day, int hour, double value, int sensor = 7) =>
        Window(DayOf(day) + (hour * Hour), value) with { Id = new(sensor, Period.Parse("PT1H"), DayOf(day) + (hour * Hour)) };

    protected async Task WriteAsync(params StoredWindow[] panes) => Assert.All(
        await Store.WriteAsync([.. panes.Select(pane => new WindowWrite(pane, null))], Stop),
        outcome => Assert.Equal(WriteOutcome.Written, outcome));

    protected async Task<BackfillResult> FillAsync(WindowPeriod period, long? from = null, long? to = null, bool dryRun = false) =>
        await new WindowBackfill(Store.Backfill, Store.MergedWindows, Options, TimeSpan.FromSeconds(10), Clock)
            .RunAsync(await PeriodAsync(period), from, to, dryRun, Stop);

    private static StoredWindow Window(long start, double value) => new(
        new(7, Period.Parse("PT1H"), start), [new("temperature", new(1, value, 0, value, value), value)], Marks.Empty.Raise(Source, 41), 1,
        0, IsFinal: true);

    private static long DayOf(int day) => Day.StartsOver(Today + (day * 24 * Hour) + (6 * Hour)).First();

    private static long UtcDay(int day) => Period.Parse("P1D").StartOf(Start) + (day * 24 * Hour);

    private static (long Found, long Merged) Counts(BackfillResult result) => (result.Found, result.Merged);

    private static RunningStatistics StatisticsOf(MergedWindow window) => window.Statistics.Measurements[0].Statistics;

    private static double Mean(MergedWindow window) => StatisticsOf(window).Mean;

    private async Task<LongerPeriod> PeriodAsync(WindowPeriod period) =>
        (await Store.Backfill.ReadPeriodsAsync(Stop)).Single(longer => longer.Period.Equals(period));

    private Task<long> MergeAsync() => new WindowMerger(Store.MergedWindows, Random.Shared.NextInt64)
        .MergeAsync(EpochTime.Now(Clock), EpochTime.Max, Stop);

    private async Task<(long Readings, int Revision)> CountAsync(int sensor, long start)
    {
        var window = (await AllAsync(Day)).Single(window => window.Id.SensorId == sensor && window.Id.Start == start);
        return (window.Statistics.Measurements[0].Statistics.Count, window.Revision);
    }

    private async Task<List<MergedWindow>> AllAsync(WindowPeriod period) => [.. (await RowsAsync(period)).Where(window => !window.IsStale)];

    private async Task<List<MergedWindow>> RowsAsync(WindowPeriod period) =>
        await Store.MergedWindows.QueryAsync(null, period, EpochTime.Min, EpochTime.Max, Stop).ToListAsync(Stop);
}

public sealed class SqliteWindowBackfillTests : WindowBackfillTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("grainsensors-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions options) =>
        Task.FromResult<IStore>(new SqliteWindowStore(Path.Combine(_directory, "windows.db"), options, Clock));
}

[Trait("Category", "System")]
public sealed class PostgresWindowBackfillTests(PostgresServer server) : WindowBackfillTests
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

    [Fact]
    public async Task A_backfill_waits_for_a_transaction_that_knows_the_former_first_start()
    {
        await WriteAsync(Pane(-1, 1, 20));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        await using var writer = await _database!.OpenConnectionAsync(Stop);
        await using var transaction = await writer.BeginTransactionAsync(Stop);
        await using var read = new NpgsqlCommand("SELECT FROM merged_periods", writer);
        await read.ExecuteNonQueryAsync(Stop);
        var fill = FillAsync(WindowPeriod.Parse("P1D@Europe/Madrid"));
        await Until.Async(
            async () => (await _database.SelectAsync(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).Count > 0,
            () => $"no statement waits, the backfill is {fill.Status}",
            TimeSpan.FromSeconds(30));
        Assert.False(fill.IsCompleted);
        await transaction.CommitAsync(Stop);
        Assert.Equal(1, (await fill).Merged);
    }

    [Fact]
    public async Task A_backfill_beside_a_silo_that_merges_ends_when_the_silo_does()
    {
        await WriteAsync(Pane(-1, 1, 20));
        await ReopenAsync("PT1H", "P1D@Europe/Madrid");
        var (begun, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        var silo = Store.MergedWindows.TryRunAsync(
            () =>
            {
                begun.SetResult();
                return released.Task;
            },
            Stop);
        await begun.Task;
        var fill = FillAsync(WindowPeriod.Parse("P1D@Europe/Madrid"));
        await Until.Async(
            async () => (await Store.MergedWindows.ReadStaleAsync(EpochTime.Max, EpochTime.Max, null, 10, Stop)).Count == 1,
            () => $"no window is stale, the backfill is {fill.Status}",
            TimeSpan.FromSeconds(30));
        Assert.False(fill.IsCompleted);
        released.SetResult();
        Assert.True(await silo);
        await Until.Async(
            () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return fill.IsCompleted;
            },
            () => $"the backfill is {fill.Status}",
            TimeSpan.FromSeconds(30));
        Assert.Equal(1, (await fill).Merged);
    }

    [Fact]
    public async Task A_role_that_owns_no_table_fills_windows_of_months_before_in_their_partitions()
    {
        var role = await SiloRole.CreateAsync(
            server,
            async owner =>
            {
                await using var migrating = new PostgresWindowStore(owner, Options, Clock);
                await migrating.PrepareAsync(Stop);
            },
            isLate: false);
        await _database!.DisposeAsync();
        _database = NpgsqlDataSource.Create(role.Silo);
        await ReopenAsync([("PT1H", null)], "PT1H");
        await WriteAsync(Pane(-60, 1, 20), Pane(-1, 1, 30));
        await ReopenAsync([("PT1H", null)], "PT1H", "P1D@Europe/Madrid");

        Assert.Equal(2, (await FillAsync(WindowPeriod.Parse("P1D@Europe/Madrid"))).Merged);
        Assert.Equal(
            ["merged_windows_p1d_europe_madrid_202609", "merged_windows_p1d_europe_madrid_202611"],
            (await _database.SelectAsync("SELECT tableoid::regclass::text FROM merged_windows ORDER BY window_start"))
                .Select(row => row[0]));
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions options) =>
        Task.FromResult<IStore>(new PostgresWindowStore(_database!, options, Clock));
}
