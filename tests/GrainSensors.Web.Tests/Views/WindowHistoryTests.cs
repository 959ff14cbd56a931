using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Views;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Tests.Views;

/// <summary>Windows that overlap or follow a calendar, merged from a year of stored ones when they are asked for.</summary>
[Trait("Category", "System")]
public sealed class WindowHistoryTests(WindowHistoryTests.Year year) : IClassFixture<WindowHistoryTests.Year>
{
    private const long Hour = 3600 * EpochTime.MicrosPerSecond;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The zones are those of the operating system, not of the library that the product has.</summary>
    [Theory]
    [InlineData("P1D@Europe/Madrid", 365)]
    [InlineData("P1W@Europe/Madrid", 53)]
    [InlineData("P1M@Europe/Madrid", 12)]
    [InlineData("P3M@Europe/Madrid", 4)]
    [InlineData("P1D@America/Sao_Paulo", 366)]
    [InlineData("P1D@Asia/Kathmandu", 366)]
    public async Task A_year_is_rolled_up_in_local_time(string period, int count)
    {
        var (unit, name) = WindowPeriod.Parse(period).Calendar!.Value;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        var expected = year.Panes.GroupBy(pane => FirstDay(LocalDate(pane.Start, zone), unit))
            .Select(group => (
                Start: StartOfDay(group.Key, zone), End: StartOfDay(After(group.Key, unit), zone),
                Statistics: group.Select(pane => pane.Statistics).Aggregate((all, next) => all.Merge(next))))
            .ToList();
        Assert.Equal(count, expected.Count);

        var found = await AllAsync(period, Year.Begin - (400 * 24 * Hour), Year.End, limit: 7);

        Assert.Equal(expected.Select(window => (window.Start, window.End)), found.Select(window => (window.Start, window.End)));
        Assert.All(expected.Zip(found), pair => AssertEqual(pair.First.Statistics, pair.Second.Measurements["temperature"].Statistics));
    }

    [Fact]
    public async Task Days_on_which_clocks_change_have_23_and_25_hours()
    {
        var days = await AllAsync("P1D@Europe/Madrid", Year.Begin, Year.End, limit: 1000);

        Assert.Equal([23, 25], days.Select(day => (day.End - day.Start) / Hour).Where(hours => hours != 24));
        Assert.Equal([92, 100], days.Select(day => day.Measurements["temperature"].Statistics.Count).Where(readings => readings != 96));
    }

    [Fact]
    public async Task Windows_of_an_hour_begin_every_quarter_and_have_the_readings_of_four()
    {
        var from = Year.Begin + (100 * 24 * Hour) + 1;

        var found = await AllAsync("PT1H/PT15M", from, from + (3 * Hour), limit: 5);

        Assert.Equal(Enumerable.Range(1, 12).Select(i => from - 1 + (i * WindowRows.Quarter)), found.Select(window => window.Start));
        Assert.All(found, window =>
        {
            Assert.Equal(Hour, window.End - window.Start);
            var expected = year.Panes.Where(pane => pane.Start >= window.Start && pane.Start < window.End)
                .Select(pane => pane.Statistics).Aggregate((all, next) => all.Merge(next));
            AssertEqual(expected, window.Measurements["temperature"].Statistics);
        });
    }

    [Fact]
    public async Task Hopping_windows_that_reach_over_the_first_and_the_last_reading_are_there()
    {
        var found = await AllAsync("P1D/PT6H", EpochTime.Min, EpochTime.Max, limit: 100);

        Assert.Equal(Year.Begin - (23 * Hour), found[0].Start);
        Assert.Equal(Year.End - (5 * Hour), found[^1].Start);
        Assert.Equal([4, 20], new[] { found[0], found[^1] }.Select(window => window.Measurements["temperature"].Statistics.Count));
        Assert.Equal((365 * 4) + 4, found.Count);
    }

    [Theory]
    [InlineData("P1M@Europe/Madrid")]
    [InlineData("P1Y@Asia/Tokyo")]
    [InlineData("P1D@America/Sao_Paulo")]
    [InlineData("PT1H/PT15M")]
    [InlineData("P15D/PT15M")]
    public async Task All_of_time_without_a_window_is_read_at_once(string period)
    {
        var (windows, next) = await year.History.ReadAsync(new(8, WindowPeriod.Parse(period)), EpochTime.Min, EpochTime.Max, 100, Stop);

        Assert.Equal((0, null), (windows.Count, next));
    }

    [Fact]
    public void The_console_offers_days_and_months_of_a_zone_whose_boundaries_fit()
    {
        Assert.Equal(["PT15M", "PT1H", "P1D"], year.History.PeriodsFor(null).Select(period => period.ToString()));
        Assert.Equal(
            ["PT15M", "PT1H", "P1D", "P1D@Asia/Kathmandu", "P1M@Asia/Kathmandu"],
            year.History.PeriodsFor("Asia/Kathmandu").Select(period => period.ToString()));
        Assert.Null(year.History.Find("PT10M/PT5M"));
    }

    [Fact]
    public void A_zone_need_not_fit_before_the_first_time_that_matters()
    {
        // Singapore was 7 h 30 min ahead until 1982.
        Assert.True(EpochTime.TryParse("1980-01-01", out var from));
        var history = new WindowHistory(
            null!, PeriodsOf(3600),
            Options.Create(new ReadingOptions { Earliest = DateTimeOffset.UnixEpoch }), TimeProvider.System);
        var period = WindowPeriod.Parse("P1D@Asia/Singapore");

        Assert.NotNull(history.FindBoundaryWithin(period, from));
        Assert.Null(history.FindBoundaryWithin(period, Year.Begin, Year.End));
    }

    /// <summary>All pages.</summary>
    private async Task<List<SensorWindow>> AllAsync(string period, long from, long to, int limit)
    {
        var all = new List<SensorWindow>();
        long? at = from;
        while (at is { } next)
        {
            (var page, at) = await year.History.ReadAsync(new(7, WindowPeriod.Parse(period)), next, to, limit, Stop);
            Assert.True(page.Count == limit || at is null, $"{page.Count} windows, and the next page begins at {at}");
            all.AddRange(page);
        }

        return all;
    }

    private static PeriodSettings PeriodsOf(long seconds) =>
        PeriodSettings.From(new() { Period = Period.FromSeconds(seconds), Retention = Timeout.InfiniteTimeSpan });

    private static void AssertEqual(RunningStatistics expected, RunningStatistics actual)
    {
        Assert.Equal((expected.Count, expected.Min, expected.Max), (actual.Count, actual.Min, actual.Max));
        Assert.Equal(expected.Mean, actual.Mean, 9);
        Assert.Equal(expected.PopulationStandardDeviation, actual.PopulationStandardDeviation, 9);
    }

    private static DateOnly LocalDate(long micros, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(EpochTime.ToDateTime(micros), zone));

    private static long StartOfDay(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return EpochTime.From(new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)));
    }

    private static DateOnly FirstDay(DateOnly day, string unit) => unit switch
    {
        "P1D" => day,
        "P1W" => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        "P1M" => new(day.Year, day.Month, 1),
        _ => new(day.Year, day.Month - ((day.Month - 1) % 3), 1),
    };

    private static DateOnly After(DateOnly day, string unit) => unit switch
    {
        "P1D" => day.AddDays(1),
        "P1W" => day.AddDays(7),
        "P1M" => day.AddMonths(1),
        _ => day.AddMonths(3),
    };

    /// <summary>The year 2026 of Madrid in windows of a quarter of an hour, each with one reading.</summary>
    public sealed class Year : IAsyncLifetime
    {
        /// <summary>2025-12-31T23:00:00Z.</summary>
        public const long Begin = 1_767_222_000L * EpochTime.MicrosPerSecond;

        public const long End = Begin + (365 * 24 * Hour);

        private readonly TemporaryDirectory _folder = new();
        private readonly IStore _store;

        public Year()
        {
            _store = WindowStoreAddress.Parse($"sqlite:{_folder.File("windows.db")}").Open(new() { Retention = Timeout.InfiniteTimeSpan });
            History = new(
                _store, PeriodsOf(900),
                Options.Create(new ReadingOptions()), TimeProvider.System);
        }

        internal WindowHistory History { get; }

        internal IReadOnlyList<(long Start, RunningStatistics Statistics)> Panes { get; } =
        [
            .. Enumerable.Range(0, (int)((End - Begin) / WindowRows.Quarter)).Select(i => (
                Begin + (i * WindowRows.Quarter),
                default(RunningStatistics).Add(20 + (15 * Math.Sin(i / 700.0)) + (5 * Math.Sin(i / 15.0))))),
        ];

        public async ValueTask InitializeAsync()
        {
            await _store.PrepareAsync(CancellationToken.None);
            foreach (var chunk in Panes.Chunk(5000))
            {
                WindowWrite[] writes = [.. chunk.Select(pane =>
                    WindowRows.Row(start: pane.Start, statistics: pane.Statistics, isFinal: true).Write())];
                Assert.All(await _store.WriteAsync(writes, CancellationToken.None), outcome => Assert.Equal(WriteOutcome.Written, outcome));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _store.DisposeAsync();
            _folder.Dispose();
        }
    }
}
