using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>recompute</c> on a store whose longer period was configured after its windows were counted.</summary>
[Trait("Category", "System")]
public sealed class RecomputeCommandTests : IAsyncLifetime
{
    private static readonly long Today = Period.Parse("P1D").StartOf(EpochTime.Now(TimeProvider.System));
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Store => $"sqlite:{_folder.File("windows.db")}";

    public async ValueTask InitializeAsync()
    {
        await using (var store = Open(new()))
        {
            await store.PrepareAsync(Stop);
            await store.SetPeriodAsync(Period.Default, Stop);
            await store.WriteAsync([new(Quarter(-3, 20), null), new(Quarter(-2, 30), null), new(Quarter(-2, 32, sensor: 8), null)], Stop);
        }

        await using var later = Open(new() { Longer = new(Period.Default, [WindowPeriod.Parse("PT1H"), WindowPeriod.Parse("P1D")]) });
        await later.PrepareAsync(Stop);
        await later.MergedWindows.SetPeriodsAsync(Stop);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    [Fact]
    public async Task A_period_is_filled_from_the_windows_that_are_stored()
    {
        var dryRun = await RunAsync(0, "--period", "PT1H", "--dry-run");
        Assert.StartsWith(
            $"3 windows of PT1H that start from {DayText(-3)} on can be filled in sqlite:", dryRun.Output, StringComparison.Ordinal);

        var filled = await RunAsync(0, "--period", "1h");
        Assert.Equal($"3 windows of PT1H that start from {DayText(-3)} on filled in {Store}", filled.Output);
        Assert.Equal($"Filling windows of PT1H in {Store} from those of PT15M.", filled.Error.Trim());
        Assert.StartsWith("0 windows of PT1H that start from ", (await RunAsync(0, "--period", "PT1H")).Output, StringComparison.Ordinal);

        // Days are merged from hours.
        var days = JsonSerializer.Deserialize<JsonElement>((await RunAsync(0, "--period", "P1D", "--from", DayText(-2), "--json")).Output);
        Assert.Equal(
            ("P1D", "PT1H", 2L, 2L, 0L),
            (days.GetProperty("period").GetString(), days.GetProperty("merged_from").GetString(), days.GetProperty("missing").GetInt64(),
                days.GetProperty("filled").GetInt64(), days.GetProperty("not_filled").GetInt64()));
    }

    [Fact]
    public async Task What_cannot_be_filled_is_counted_with_its_reason()
    {
        var hours = await RunAsync(3, "--period", "P1D", "--from", DayText(-2));
        Assert.Matches(
            @"\nNot filled: \d earlier windows of each sensor\. Windows of PT1H are merged from .* on; fill them first with "
            + @"`grainsensors recompute --period PT1H`\. The first window that can be filled starts at .*Z\.$",
            hours.Output);

        var deleted = await RunAsync(3, "--period", "PT1H", "--from", DayText(-500));
        Assert.Contains("Windows of PT15M from before ", deleted.Output, StringComparison.Ordinal);
        Assert.StartsWith("3 windows of PT1H", deleted.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--period must be one of PT1H, P1D; got P2D. Add the period to Periods", "--period", "P2D")]
    [InlineData("Windows of PT15M are counted from readings, so there is nothing to merge them from.", "--period", "15m")]
    [InlineData("--period: The period \"P1M\" has months or years", "--period", "P1M")]
    [InlineData("--from must be before now; got 2999-01-01T00:00:00Z.", "--period", "PT1H", "--from", "2999-01-01")]
    [InlineData("--from must be before --to, 2026-01-01", "--period", "PT1H", "--from", "2026-01-02", "--to", "2026-01-01")]
    [InlineData("--from must be before now; got 2999-01-01T00:00:00Z.", "--statistics", "--from", "2999-01-01")]
    [InlineData("Say what to fill: give either --period PERIOD or --statistics.")]
    [InlineData("--period and --statistics exclude each other; got --period P1D and --statistics.", "--period", "P1D", "--statistics")]
    [InlineData(
        "--kafka is for --statistics: a period is filled from the store. Leave --kafka out.", "--period", "P1D", "--kafka", "kafka:9092")]
    public async Task What_cannot_be_filled_is_named_with_the_cure(string offender, params string[] arguments) =>
        (await Command.RunAsync(["recompute", .. arguments, "--store", Store])).AssertCouldNotRun(offender);

    [Fact]
    public async Task A_store_that_does_not_exist_is_not_created()
    {
        var missing = _folder.File("missing.db");
        (await Command.RunAsync("recompute", "--period", "P1D", "--store", $"sqlite:{missing}")).AssertCouldNotRun("missing.db");
        Assert.False(File.Exists(missing));
    }

    private static StoredWindow Quarter(int day, double value, int sensor = 7) => new(
        new(sensor, Period.Default, Today + (day * 86_400 * EpochTime.MicrosPerSecond)),
        [new("temperature", new(1, value, 0, value, value), value)], Marks.Empty, 1, 0, IsFinal: true);

    private static string DayText(int day) => EpochTime.ToIso8601(Today + (day * 86_400 * EpochTime.MicrosPerSecond));

    private SqliteWindowStore Open(WindowStoreOptions options) => new(_folder.File("windows.db"), options);

    private async Task<Executable.Result> RunAsync(int exitCode, params string[] arguments)
    {
        var result = await Command.RunAsync(["recompute", .. arguments, "--store", Store]);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return result;
    }
}
