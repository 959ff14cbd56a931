using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Reconciliation;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Stored sketches against the exact percentiles of the readings in the log, tested on each database.</summary>
public abstract class PercentileReconciliationTests : IAsyncLifetime
{
    private const long Start = ReconciledLog.Start;
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;

    /// <summary>Wide: the values of a sign are in more buckets than a sketch keeps.</summary>
    private static readonly double[][] Distributions =
    [
        [42.5],
        [.. Enumerable.Range(0, 60).Select(i => i / 3.0)],
        [.. Enumerable.Range(0, 60).Select(i => -1.0 - (i * i))],
        [-3, -2, 0, 0, 0, 0.001, 4],
        [0, 0, 0],
        [.. Enumerable.Range(0, 41).Select(i => (i % 2 == 0 ? 1 : -1) * Math.Pow(10, (3 * i) - 60))],
        [1e-305, -1e-305, 1e-310, 2e-300],
        [7, 1, 3],
    ];

    private ReconciledLog? _log;
    private long _next;

    private ReconciledLog Log => _log!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync(1, await DatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>The connection string of an empty database; null: SQLite.</returns>
    protected abstract Task<string?> DatabaseAsync();

    [Fact]
    public async Task Sketches_of_the_readings_are_right_whatever_the_distribution()
    {
        await ProduceAsync(Distributions);
        await StoreAsync(Distributions, SketchOf);

        var result = await RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal((Distributions.Length, 0), (result.Run.Counts.Compared, result.Skipped.Count));
    }

    [Fact]
    public async Task A_sketch_of_other_values_is_found_and_removed_and_the_readings_in_the_log_fill_it_again()
    {
        await ProduceAsync(Distributions);

        // The greatest value of each window is counted as the smallest one.
        await StoreAsync(Distributions, values => SketchOf(values.Select(value => value == values.Max() ? values.Min() : value)));
        bool[] found = [false, true, true, true, false, true, false, true];
        var before = await RowsAsync();

        var dry = await RunAsync(dryRun: true);
        Assert.Equal(before.Select(row => row.RowVersion), (await RowsAsync()).Select(row => row.RowVersion));
        var result = await RunAsync();

        Assert.Equal(Windows(found), dry.Findings.Select(finding => finding.Key!.Value.Start));
        Assert.Equal(Windows(found), result.Findings.Select(finding => finding.Key!.Value.Start));
        Assert.All(result.Findings, finding => Assert.Equal(
            (FindingKind.Differing, FindingOutcome.Corrected), (finding.Kind, finding.Outcome)));
        var after = await RowsAsync();
        Assert.Equal(found.Select(isFound => !isFound), after.Select(row => row.Sketch is not null));
        Assert.Equal(before.Select(row => (row.Statistics, row.Edges)), after.Select(row => (row.Statistics, row.Edges)));

        var again = await RunAsync();
        Assert.Empty(again.Findings);
        Assert.Equal([new(SkipReason.NoPercentiles, 5, Start + Minute, Start + (7 * Minute))], again.Skipped);
        Assert.Equal(5, (await Log.FillUntilAsync(Stop, Sketched)).Filled);
        var filled = await RunAsync();
        Assert.Equal((0, 0), (filled.Findings.Count, filled.Skipped.Count));
    }

    [Fact]
    public async Task A_finding_tells_the_percentiles_and_not_the_statistics_that_are_right()
    {
        double[] values = [.. Enumerable.Range(1, 101).Select(i => Math.Pow(i, 4))];
        await ProduceAsync(values);
        await StoreAsync([values], _ => SketchOf(values.Select((value, i) => i > 95 ? values[^1] : value)));

        Assert.StartsWith("p99 +", Assert.Single((await RunAsync()).Findings).Differs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_whose_percentiles_are_unknown_do_not_differ()
    {
        await ProduceAsync([20, 21], [20, 21], [20, 21]);
        await StoreAsync([[20, 21]], _ => null);
        await StoreAsync([[20, 21]], _ => SketchOf([20, 21, 22]), first: 1);
        await StoreAsync([[20, 21]], SketchOf, first: 2);

        var result = await RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal([new(SkipReason.NoPercentiles, 2, Start, Start + Minute)], result.Skipped);
        Assert.Equal((3, 0, 0), (result.Run.Counts.Compared, result.Run.Counts.Unjudged, result.Run.Counts.LeftAlone));
    }

    [Fact]
    public async Task A_late_reading_counts_at_its_rank_and_a_sketch_without_it_is_unknown()
    {
        await ProduceAsync([10, 30], [40]);
        await Log.ProduceAsync(7, Start + 1, 20);
        _next++;
        await StoreAsync([[10, 30, 20], [40]], SketchOf);
        Assert.Empty((await RunAsync()).Findings);

        await Log.ProduceAsync(7, Start + Minute, 50);
        _next++;
        var row = (await RowsAsync())[1];
        var statistics = row.Statistics.Add(50);
        var marks = Marks.Empty.Raise(Log.Source(), _next - 1);
        await WriteAsync(row with { Statistics = statistics, RowVersion = 5, Marks = marks }, row.RowVersion);

        var result = await RunAsync();
        Assert.Empty(result.Findings);
        Assert.Equal([new(SkipReason.NoPercentiles, 1, Start + Minute, Start + Minute)], result.Skipped);
    }

    [Fact]
    public async Task Of_each_step_the_smallest_value_has_a_rank_where_windows_deduplicate()
    {
        await ProduceAsync([1, 2, 500, 600], [1, 2, 500, 600]);
        await StoreAsync([[1, 500]], SketchOf);
        await StoreAsync([[1, 500]], _ => SketchOf([2, 500]), first: 1);

        var result = await RunAsync(request => request with { DeduplicateResolution = 2 * EpochTime.MicrosPerSecond });

        Assert.Equal(Start + Minute, Assert.Single(result.Findings).Key!.Value.Start);
    }

    [Fact]
    public async Task Discovered_measurements_are_compared_and_those_without_sketches_are_not()
    {
        foreach (var value in new[] { 400, 500 })
        {
            await Log.ProduceAsync(Encoding.UTF8.GetBytes(
                $"{{\"sensor_id\":7,\"timestamp\":{Start / EpochTime.MicrosPerSecond},\"temperature\":{value},\"co2\":{value}}}"));
        }

        var window = Row().Window().WithValues(("co2", [400, 500]), ("temperature", [400, 500])) with
        {
            Id = new(7, ReconciledLog.Period, Start),
            IsFinal = true,
            Marks = Marks.Empty.Raise(Log.Source(), 1),
        };
        window = window with { Measurements = [.. window.Measurements.Select(m => m with { Sketch = SketchOf([500, 500]) })] };
        await Log.Store.WriteAsync([new(window, null)], Stop);
        await Log.CheckpointAsync(2);

        var finding = Assert.Single((await Log.RunAsync(Discovered)).Findings);
        Assert.Equal("co2", finding.Key!.Value.Measurement);
        Assert.StartsWith("p10 +97.", finding.Differs, StringComparison.Ordinal);

        static ReconciliationRequest Discovered(ReconciliationRequest request) => request with
        {
            Discovery = new() { HasSketches = true },
            Discovered = [new("co2", 0)],
            Stored = [new("co2", 0)],
        };
    }

    [Fact]
    public async Task A_longer_window_over_a_sketch_that_was_removed_has_none_until_it_is_filled()
    {
        var merged = Log.Store.MergedWindows;
        await merged.SetPeriodsAsync(Stop);
        await ProduceAsync([1, 2, 3], [4]);
        await StoreAsync([[1, 2, 3], [4]], values => SketchOf(values.Select(value => value == 2 ? 3 : value)));
        Assert.Equal(SketchOf([1, 3, 3, 4]).ToBytes(), await MergedAsync());

        Assert.Equal(1, (await RunAsync()).Run.Counts.Corrected);
        Assert.Null(await MergedAsync());

        await Log.FillUntilAsync(Stop, Sketched);
        Assert.Equal(SketchOf([1, 2, 3, 4]).ToBytes(), await MergedAsync());

        async Task<byte[]?> MergedAsync()
        {
            await new WindowMerger(merged, Random.Shared.NextInt64).MergeAsync(EpochTime.Max, EpochTime.Min, Stop);
            var hour = Assert.Single(await merged.ReadAsync([new(7, ReconciledLog.LongerPeriod, Start)], Stop));
            return hour.Statistics.Measurements[0].Sketch?.ToBytes();
        }
    }

    private static long[] Windows(bool[] found) =>
        [.. found.Index().Where(window => window.Item).Select(window => Start + (window.Index * Minute))];

    private static ReconciliationRequest Sketched(ReconciliationRequest request) => request with
    {
        Measurements = [new Measurement("temperature", -1e300, 1e300) { HasSketch = true }, new Measurement("humidity", 0, 100)],
    };

    private Task<ReconciliationResult> RunAsync(bool dryRun) => RunAsync(request => request with { DryRun = dryRun });

    private Task<ReconciliationResult> RunAsync(Func<ReconciliationRequest, ReconciliationRequest>? change = null) =>
        Log.RunAsync(request => change?.Invoke(Sketched(request)) ?? Sketched(request));

    /// <summary>Produces the readings of one minute after the other, one for each second.</summary>
    private async Task ProduceAsync(params double[][] windows)
    {
        foreach (var (window, values) in windows.Index())
        {
            foreach (var (second, value) in values.Index())
            {
                _next = await Log.ProduceAsync(7, Start + (window * Minute) + (second % 60 * EpochTime.MicrosPerSecond), value) + 1;
            }
        }
    }

    private async Task StoreAsync(double[][] windows, Func<double[], QuantileSketch?> sketch, int first = 0)
    {
        foreach (var (window, values) in windows.Index())
        {
            var at = Start + ((first + window) * Minute);
            var statistics = values.Aggregate(default(RunningStatistics), (all, value) => all.Add(value));
            await WriteAsync(
                new(
                    new(7, "temperature", ReconciledLog.Period, at), statistics, Marks.Empty.Raise(Log.Source(), _next - 1), 1, 0,
                    IsFinal: true)
                {
                    Sketch = sketch(values),
                    Edges = new(at, values[0], at + Minute - 1, values[^1]),
                });
        }
    }

    private async Task WriteAsync(WindowRow row, long? expected = null)
    {
        await Log.Store.WriteAsync([new(row.Window() with { Measurements = [row.Measured] }, expected)], Stop);
        await Log.CheckpointAsync(_next);
    }

    private async Task<List<WindowRow>> RowsAsync()
    {
        var rows = new List<WindowRow>();
        await foreach (var row in Log.Store.QueryAsync(new(Start, EpochTime.Max, WithDetails: true), Stop))
        {
            rows.Add(row);
        }

        return rows;
    }
}

[Trait("Category", "System")]
public sealed class SqlitePercentileReconciliationTests : PercentileReconciliationTests
{
    protected override Task<string?> DatabaseAsync() => Task.FromResult<string?>(null);
}

[Trait("Category", "System")]
public sealed class PostgresPercentileReconciliationTests(PostgresServer postgres) : PercentileReconciliationTests
{
    protected override async Task<string?> DatabaseAsync() => await postgres.CreateDatabaseAsync();
}
