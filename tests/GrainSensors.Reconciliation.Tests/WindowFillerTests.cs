using System.Text;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Filling;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Statistics that are filled from the log, tested on each database.</summary>
public abstract class WindowFillerTests : IAsyncLifetime
{
    private const long Start = ReconciledLog.Start;
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;

    private ReconciledLog? _log;

    private ReconciledLog Log => _log!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync(postgres: await DatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>The connection string of an empty database; null: SQLite.</returns>
    protected abstract Task<string?> DatabaseAsync();

    [Fact]
    public async Task Statistics_are_those_that_would_have_been_counted_live()
    {
        var random = new Random(5);
        var windows = new Dictionary<(int Sensor, long Start), List<(long At, double Value)>>();
        var next = new long[2];
        for (var i = 0; i < 600; i++)
        {
            var (sensor, start, partition) = (random.Next(3), Start + (random.Next(4) * Minute), random.Next(2));
            double value = random.Next(10) switch { 0 => 0, 1 => -random.NextDouble() * 200, _ => random.NextDouble() * random.Next(1000) };
            var at = start + random.NextInt64(Minute);
            next[partition] = await Log.ProduceAsync(sensor, at, value, partition) + 1;
            if (!windows.TryGetValue((sensor, start), out var values))
            {
                windows.Add((sensor, start), values = []);
            }

            values.Add((at, value));
        }

        var rejected = ReconciledLog.Json(0, Start, 500);
        await Log.ProduceDeadLetterAsync(rejected, "expired", await Log.ProduceAsync(rejected));
        foreach (var ((sensor, start), values) in windows)
        {
            await Log.StoreAsync(sensor, start, [.. values.Select(value => value.Value)], next[0]);
        }

        await Log.CheckpointAsync(next[0] + 1);
        await Log.CheckpointAsync(next[1], partition: 1);
        var before = await Log.Store.QueryAsync();

        var result = await FillAsync();

        Assert.Equal((windows.Count, 0, (Start, Start + (3 * Minute))), (result.Filled, result.NotFilled, result.Range));
        foreach (var ((sensor, start), values) in windows)
        {
            Assert.Equal(SketchOf(values.Select(value => value.Value)).ToBytes(), await SketchAsync(sensor, start));
            var (first, last) = (values.Min(), values.Max());
            Assert.Equal(new EdgeValues(first.At, first.Value, last.At, last.Value), (await FindAsync(sensor, start)).Edges);
        }

        // Nothing but the row version is another one.
        var after = await Log.Store.QueryAsync();
        Assert.Equal(
            before.Select(row => row with { RowVersion = 0, Marks = Marks.Empty }),
            after.Select(row => row with { RowVersion = 0, Marks = Marks.Empty }));
        Assert.Equal(before.Select(row => row.Marks), after.Select(row => row.Marks));
        Assert.Equal((null, 0L), await FillAsync() is var again ? (again.Range, again.Missing) : default);
        Assert.Equal(after, await Log.Store.QueryAsync());
    }

    [Fact]
    public async Task Of_each_step_the_smallest_value_counts_where_windows_deduplicate()
    {
        double[] values = [-3, 5, 4, 4, 9];
        for (var i = 0; i < values.Length; i++)
        {
            await Log.ProduceAsync(7, Start + (i / 2 * EpochTime.MicrosPerSecond), values[i]);
        }

        await Log.StoreAsync(7, Start, [-3, 4, 9], mark: 4);
        await Log.CheckpointAsync(5);
        Assert.Equal(UnfilledReason.Differs, Assert.Single((await FillAsync()).Unfilled).Reason);

        // The row has no steps, so its times would be those of readings.
        var result = await FillAsync(request => request with { DeduplicateResolution = EpochTime.MicrosPerSecond });
        Assert.Equal(UnfilledReason.OtherSteps, Assert.Single(result.Unfilled).Reason);
        var row = await FindAsync(7, Start);
        Assert.Equal(SketchOf([-3, 4, 9]).ToBytes(), row.Sketch!.ToBytes());
        Assert.Null(row.Edges);

        var steps = new StepValues(60);
        (steps[0], steps[1], steps[2]) = (-3, 4, 9);
        var window = Assert.Single(await Log.Store.ReadAsync([row.Key.Window], Stop));
        await Log.Store.WriteAsync(
            [new(window with { RowVersion = 5, Measurements = [window.Measurements[0] with { Steps = steps }] }, window.RowVersion)], Stop);
        Assert.Equal(1, (await FillAsync(request => request with { DeduplicateResolution = EpochTime.MicrosPerSecond })).Filled);
        Assert.Equal(new EdgeValues(Start, -3, Start + (2 * EpochTime.MicrosPerSecond), 9), (await FindAsync(7, Start)).Edges);
    }

    [Fact]
    public async Task Each_measurement_of_a_window_is_filled_and_one_that_has_a_sketch_keeps_it()
    {
        await ProduceAsync(Start, "\"temperature\":20,\"humidity\":50,\"co2\":400");
        await ProduceAsync(Start, "\"temperature\":22,\"humidity\":60");
        var window = Row().Window().WithValues(("co2", [400]), ("humidity", [50, 60]), ("temperature", [20, 22]), ("wind", [3])) with
        {
            Id = new(7, ReconciledLog.Period, Start),
            IsFinal = true,
            Marks = Marks.Empty.Raise(Log.Source(), 1),
            Latest = new(Start, 0, 1, 0),
        };
        var wind = window.Measurements[3];
        await Log.Store.WriteAsync(
            [
                new(window with { Measurements = [.. window.Measurements.Take(3).Select(m => m with { Sketch = null, Last = 1 }), wind] },
                    null),
            ],
            Stop);
        await Log.CheckpointAsync(2);

        // Humidity keeps none.
        var result = await FillAsync(request => request with
        {
            Discovery = new() { HasSketches = true },
            Discovered = [new("co2", Start + Minute)],
            Stored = [new("co2", Start + Minute)],
        });

        Assert.Equal((2, 0), (result.Filled, result.NotFilled));
        var stored = Assert.Single(await Log.Store.ReadAsync([window.Id], Stop));
        Assert.Equal(
            [("co2", 1), ("humidity", null), ("temperature", 2), ("wind", 1L)],
            stored.Measurements.OrderBy(measured => measured.Measurement, StringComparer.Ordinal)
                .Select(measured => (measured.Measurement, measured.Sketch?.Count)));
        Assert.Equal((window.Marks, window.Latest, 0, true), (stored.Marks, stored.Latest, stored.Revision, stored.IsFinal));
        Assert.Equal(1, stored.Measurements.Single(measured => measured.Measurement == "humidity").Last);
    }

    [Fact]
    public async Task A_row_that_differs_from_the_log_stays_unknown()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start, 22);
        await Log.ProduceAsync(8, Start, 20);
        var fewer = await Log.StoreAsync(7, Start, [20], mark: 1);
        var other = await Log.StoreAsync(8, Start, [20.1], mark: 2);
        var empty = await Log.StoreAsync(9, Start + Minute, [20], mark: 2);
        await Log.CheckpointAsync(3);

        var result = await FillAsync();

        Assert.Equal(
            new(UnfilledReason.Differs, 3, Start, Start + Minute), Assert.Single(result.Unfilled));
        Assert.Equal((0, 3), (result.Filled, result.Missing));
        foreach (var row in new[] { fewer, other, empty })
        {
            Assert.Equal(row, await Log.FindAsync(row.Key));
        }
    }

    [Fact]
    public async Task Windows_whose_readings_the_log_has_lost_stay_unknown_and_others_are_filled()
    {
        TestKafka.SkipUnlessEmbedded("a real broker drops its log at times of its own");
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(8, Start, 20);

        // The broker keeps 5 MiB of a partition.
        var filler = new byte[900_000];
        for (var i = 0; i < 10; i++)
        {
            await Log.ProduceAsync(filler);
        }

        var last = await Log.ProduceAsync(8, Start, 22);
        last = await Log.ProduceAsync(9, Start, 23);
        var lost = await Log.StoreAsync(7, Start, [20], mark: 0);
        var partly = await Log.StoreAsync(8, Start, [20, 22], mark: last);
        await Log.StoreAsync(9, Start, [23], mark: last);
        await Log.CheckpointAsync(last + 1);

        var result = await FillAsync();

        Assert.Equal(new(UnfilledReason.BeyondLog, 2, Start, Start), Assert.Single(result.Unfilled));
        Assert.Equal(1, result.Filled);
        Assert.Equal(SketchOf([23]).ToBytes(), await SketchAsync(9, Start));
        Assert.Equal((lost, partly), (await Log.FindAsync(lost.Key), await Log.FindAsync(partly.Key)));
    }

    [Fact]
    public async Task A_window_that_is_revised_in_between_stays_unknown_until_the_next_run()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(8, Start, 30);
        var row = await Log.StoreAsync(7, Start, [20], mark: 0);
        var due = await Log.StoreAsync(8, Start, [30], mark: 1);
        await Log.CheckpointAsync(2);
        var revised = row with { Statistics = row.Statistics.Add(25), RowVersion = 5, Revision = 1 };

        var result = await FillAsync(wrap: engine => new InterferingEngine(engine, () => Log.Store.WriteAsync(
            [
                new(revised.Window() with { Marks = revised.Marks.Raise(Log.Source(), 2) }, row.RowVersion),
                new((due with { RowVersion = 6 }).Window() with { IsDue = true }, due.RowVersion),
            ],
            Stop)));

        Assert.Equal(new(UnfilledReason.Changed, 2, Start, Start), Assert.Single(result.Unfilled));
        Assert.Equal((5, null), await Log.FindAsync(row.Key) is var stored ? (stored!.RowVersion, stored.Sketch) : default);

        // The reading of the revision is not durable yet as far as the checkpoint says.
        Assert.Equal(UnfilledReason.Changed, (await FillAsync()).Unfilled[0].Reason);
        await Log.ProduceAsync(7, Start, 25);
        await Log.CheckpointAsync(3);
        await Log.Store.WriteAsync([new((due with { RowVersion = 7 }).Window(), 6)], Stop);
        Assert.Equal((2, 0), await FillAsync() is var again ? (again.Filled, again.NotFilled) : default);
        Assert.Equal(SketchOf([20, 25]).ToBytes(), await SketchAsync(7, Start));
    }

    [Fact]
    public async Task A_write_with_the_row_version_of_before_the_fill_is_refused()
    {
        // A grain that counts on without the sketch would leave a wrong one behind, if a value took the place of another one.
        await Log.ProduceAsync(7, Start, 20);
        var row = await Log.StoreAsync(7, Start, [20], mark: 0);
        await Log.CheckpointAsync(1);
        await FillAsync();

        var replaced = row with { Statistics = new(1, 19, 0, 19, 19), RowVersion = 5 };
        Assert.Equal(WriteOutcome.Refused, await Log.Store.WriteAsync(replaced, row.RowVersion));
        Assert.Equal(SketchOf([20]).ToBytes(), await SketchAsync(7, Start));
    }

    [Fact]
    public async Task Longer_windows_over_filled_ones_are_merged_again()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start + Minute, 30);
        await Log.StoreAsync(7, Start, [20], mark: 1);
        await Log.StoreAsync(7, Start + Minute, [30], mark: 1);
        await Log.CheckpointAsync(2);
        var merged = Log.Store.MergedWindows;
        await merged.SetPeriodsAsync(Stop);
        var longer = (await Log.Store.Backfill.ReadPeriodsAsync(Stop))[0];
        var options = new WindowStoreOptions { Retention = Timeout.InfiniteTimeSpan };
        await new WindowBackfill(Log.Store.Backfill, merged, options, TimeSpan.Zero, TimeProvider.System)
            .RunAsync(longer, null, null, false, Stop);
        var window = new MergedWindowId(7, ReconciledLog.LongerPeriod, Start);
        Assert.Null(Assert.Single(await merged.ReadAsync([window], Stop)).Statistics.Measurements[0].Sketch);

        Assert.Equal(2, (await FillAsync()).Filled);

        Assert.True(Assert.Single(await merged.ReadAsync([window], Stop)).IsStale);
        await new WindowMerger(merged, Random.Shared.NextInt64).MergeAsync(EpochTime.Max, EpochTime.Min, Stop);
        var hour = Assert.Single(await merged.ReadAsync([window], Stop));
        Assert.Equal(SketchOf([20, 30]).ToBytes(), hour.Statistics.Measurements[0].Sketch?.ToBytes());
        Assert.Equal(new EdgeValues(Start, 20, Start + Minute, 30), hour.Statistics.Measurements[0].Edges);
        Assert.Equal(0, hour.Revision);
    }

    [Fact]
    public async Task Only_final_windows_of_the_range_are_filled_and_a_dry_run_changes_nothing()
    {
        for (var i = 0; i < 4; i++)
        {
            await Log.ProduceAsync(7, Start + (i * Minute), 20);
            await Log.StoreAsync(7, Start + (i * Minute), [20], mark: i, final: i != 1);
        }

        await Log.CheckpointAsync(4);
        var before = await Log.Store.QueryAsync();
        Assert.Equal((3, 0), await FillAsync(request => request with { DryRun = true }) is var dry ? (dry.Filled, dry.NotFilled) : default);
        Assert.Equal(before, await Log.Store.QueryAsync());

        Assert.Equal(1, (await FillAsync(request => request with { From = long.MinValue, To = Start + (2 * Minute) })).Filled);
        var rows = new List<WindowRow>();
        await foreach (var row in Log.Store.QueryAsync(new(Start, EpochTime.Max, WithDetails: true), Stop))
        {
            rows.Add(row);
        }

        Assert.Equal([true, false, false, false], rows.Select(row => row.Sketch is not null));
    }

    [Fact]
    public async Task A_fill_that_is_interrupted_keeps_what_it_has_written_and_the_next_one_does_the_rest()
    {
        const int Windows = 620;
        for (var i = 0; i < Windows; i++)
        {
            await Log.ProduceAsync(i, Start, i);
            await Log.StoreAsync(i, Start, [i], mark: i);
        }

        await Log.CheckpointAsync(Windows);
        using var interruption = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FillAsync(
            wrap: engine => new InterferingEngine(engine, interruption.CancelAsync), interruption: interruption));

        Assert.Equal((120, 0), await FillAsync() is var rest ? (rest.Filled, rest.NotFilled) : default);
        Assert.Null((await FillAsync()).Range);
    }

    private static ReconciliationRequest Sketched(ReconciliationRequest request) => request with
    {
        Measurements = [.. MeasurementSet.Default.All.Select(m => m with { HasSketch = m.Name == "temperature" })],
    };

    private Task<FillResult> FillAsync(
        Func<ReconciliationRequest, ReconciliationRequest>? change = null, Func<IRecomputation, IRecomputation>? wrap = null,
        CancellationTokenSource? interruption = null) => Log.FillUntilAsync(
        interruption?.Token ?? Stop, request => change?.Invoke(Sketched(request)) ?? Sketched(request), wrap);

    private Task<long> ProduceAsync(long time, string members) => Log.ProduceAsync(Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $"{{\"sensor_id\":7,\"timestamp\":{time / EpochTime.MicrosPerSecond},{members}}}")));

    private async Task<byte[]?> SketchAsync(int sensor, long start) => (await FindAsync(sensor, start)).Sketch?.ToBytes();

    private async Task<WindowRow> FindAsync(int sensor, long start) =>
        (await Log.FindAsync(new(sensor, "temperature", ReconciledLog.Period, start)))!;
}

[Trait("Category", "System")]
public sealed class SqliteWindowFillerTests : WindowFillerTests
{
    protected override Task<string?> DatabaseAsync() => Task.FromResult<string?>(null);
}

[Trait("Category", "System")]
public sealed class PostgresWindowFillerTests(PostgresServer postgres) : WindowFillerTests
{
    protected override async Task<string?> DatabaseAsync() => await postgres.CreateDatabaseAsync();
}
