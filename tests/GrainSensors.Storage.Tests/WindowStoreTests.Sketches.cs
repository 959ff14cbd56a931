using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The sketches of windows.</summary>
public abstract partial class WindowStoreTests
{
    [Fact]
    public async Task A_window_is_read_with_its_sketches()
    {
        var window = Sketched(1, ("humidity", [40, 41]), ("temperature", [20, 21, 25])) with { IsFinal = true };
        window = window with { Measurements = [.. window.Measurements, new("wind", new(1, 3, 0, 3, 3))] };
        Assert.Equal([WriteOutcome.Written], await Store.WriteAsync([new(window, null)], Stop));

        Assert.Equal([[40, 41], [20, 21, 25], null], await StoredAsync());
        var rows = new List<WindowRow>();
        await foreach (var row in Store.QueryAsync(new(long.MinValue, long.MaxValue - 1, WithDetails: true), Stop))
        {
            rows.Add(row);
        }

        Assert.Equal([[40, 41], [20, 21, 25], null], rows.ConvertAll(row => ValuesOf(row.Sketch)));
        Assert.All(await Store.QueryAsync(), row => Assert.Null(row.Sketch));
    }

    [Fact]
    public async Task A_write_without_sketches_leaves_those_that_are_stored()
    {
        await Store.WriteAsync([new(Sketched(1, ("temperature", [20, 21])), null)], Stop);
        await Store.WriteAsync([new(WithoutSketches(Sketched(2, ("temperature", [20, 21]))) with { IsFinal = true }, 1)], Stop);
        Assert.Equal([[20, 21]], await StoredAsync());

        await Store.WriteAsync([new(Sketched(3, ("temperature", [20, 21, 22])), 2)], Stop);
        Assert.Equal([[20, 21, 22]], await StoredAsync());
    }

    [Fact]
    public async Task A_sketch_that_lacks_values_of_the_statistics_is_unknown()
    {
        await Store.WriteAsync([new(Sketched(1, ("temperature", [20, 21])), null)], Stop);
        await Store.WriteAsync([new(WithoutSketches(Sketched(2, ("temperature", [20, 21, 22]))), 1)], Stop);
        Assert.Equal([null], await StoredAsync());
    }

    [Fact]
    public async Task A_refused_write_leaves_the_stored_sketches()
    {
        await Store.WriteAsync([new(Sketched(1, ("temperature", [20, 21])), null)], Stop);
        Assert.Equal(
            [WriteOutcome.Refused, WriteOutcome.Written],
            await Store.WriteAsync(
                [
                    new(Sketched(3, ("temperature", [30, 31])), 2),
                    new(Sketched(4, ("temperature", [5])) with { Id = new(8, Period.Default, Start) }, null),
                ],
                Stop));
        Assert.Equal([[20, 21]], await StoredAsync());
        Assert.Equal([[5]], await StoredAsync(8));
    }

    [Fact]
    public async Task A_correction_leaves_only_the_sketches_that_it_gives()
    {
        await Store.WriteAsync([new(Sketched(1, ("humidity", [40, 41]), ("temperature", [20, 21])), null)], Stop);
        var corrected = Sketched(2, ("humidity", [40, 41]), ("temperature", [20, 24])) with { CorrectedBy = Guid.NewGuid() };
        corrected = corrected with { Measurements = [corrected.Measurements[0], corrected.Measurements[1] with { Sketch = null }] };
        await Store.WriteAsync([new(corrected, 1)], Stop);
        Assert.Equal([[40, 41], null], await StoredAsync());

        await Store.WriteAsync([new(WithoutSketches(corrected) with { RowVersion = 3 }, 2)], Stop);
        Assert.Equal([null, null], await StoredAsync());
    }

    [Fact]
    public async Task A_damaged_sketch_is_unknown_and_the_window_is_read()
    {
        await Store.WriteAsync([new(Sketched(1, ("temperature", [20, 21])), null)], Stop);
        await SelectAsync(DamageSketches);
        Assert.Equal([null], await StoredAsync());
    }

    protected virtual string DamageSketches => "UPDATE window_sketches SET sketches = ARRAY (SELECT substr(unnest(sketches), 1, 3))";

    private static StoredWindow Sketched(long token, params (string Name, double[] Values)[] measurements) =>
        Row(token: token).Window().WithValues(measurements);

    private static StoredWindow WithoutSketches(StoredWindow window) =>
        window with { Measurements = [.. window.Measurements.Select(measured => measured with { Sketch = null })] };

    /// <returns>The values of the sketches by measurement, rounded; null: no sketch.</returns>
    private async Task<List<double[]?>> StoredAsync(int sensor = 7)
    {
        var window = Assert.Single(await Store.ReadAsync([new(sensor, Period.Default, Start)], Stop));
        return [.. window.Measurements.OrderBy(measured => measured.Measurement).Select(measured => ValuesOf(measured.Sketch))];
    }

    private static double[]? ValuesOf(QuantileSketch? sketch) => sketch is null
        ? null
        : [.. Enumerable.Range(0, (int)sketch.Count).Select(rank => Math.Round(sketch.Quantile(
            sketch.Count == 1 ? 0 : rank / (sketch.Count - 1.0), double.NegativeInfinity, double.PositiveInfinity)))];
}
