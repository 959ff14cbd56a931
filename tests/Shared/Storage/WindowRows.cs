using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Tests.Shared;

/// <summary>Creates windows of one measurement, and writes and reads them.</summary>
internal static class WindowRows
{
    /// <summary>2026-11-24T10:15:00Z.</summary>
    public const long Start = 1_795_515_300L * EpochTime.MicrosPerSecond;

    public const long Quarter = 900L * EpochTime.MicrosPerSecond;

    public static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddSeconds(1_795_515_600);

    public static readonly SourceId Source = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), 3);

    public static WindowRow Row(
        int sensor = 7,
        string metric = "temperature",
        long start = Start,
        long length = Quarter,
        long token = 1,
        RunningStatistics? statistics = null,
        Marks? marks = null,
        int revision = 0,
        bool isFinal = false) =>
        new(
            new(sensor, metric, Period.FromMicros(length), start),
            statistics ?? new(3, 21.5, 0.125, 21.25, 21.75),
            marks ?? Marks.Empty.Raise(Source, 41),
            token,
            revision,
            isFinal);

    /// <returns>The window of one measurement.</returns>
    /// <remarks>An array: a collection expression would be a type of this assembly, which child processes cannot enter.</remarks>
    public static StoredWindow Window(this WindowRow row) => new(
        row.Key.Window, new MeasuredStatistics[] { new(row.Key.Measurement, row.Statistics) }, row.Marks, row.RowVersion, row.Revision,
        row.IsFinal, row.CorrectedBy);

    /// <returns>The window with sketches and edges of the values, one for each second, which replace its measurements.</returns>
    public static StoredWindow WithValues(this StoredWindow window, params (string Name, double[] Values)[] measurements) => window with
    {
        Measurements = Array.ConvertAll(measurements, measured => new MeasuredStatistics(
            measured.Name, measured.Values.Aggregate(default(RunningStatistics), (all, value) => all.Add(value)),
            Sketch: SketchOf(measured.Values),
            Edges: new(
                window.Id.Start, measured.Values[0], window.Id.Start + ((measured.Values.Length - 1) * EpochTime.MicrosPerSecond),
                measured.Values[^1]))),
    };

    public static QuantileSketch SketchOf(IEnumerable<double> values)
    {
        var sketch = new QuantileSketch();
        foreach (var value in values)
        {
            sketch.Add(value);
        }

        return sketch;
    }

    public static WindowWrite Write(this WindowRow row, long? expected = null) => new(row.Window(), expected);

    /// <returns>A write for each window, with all its measurements.</returns>
    public static IReadOnlyList<WindowWrite> Writes(this IEnumerable<WindowRow> rows) =>
    [
        .. rows.GroupBy(row => row.Key.Window).Select(window => new WindowWrite(
            window.First().Window() with
            {
                Measurements = [.. window.Select(row => new MeasuredStatistics(row.Key.Measurement, row.Statistics))],
                Marks = window.Aggregate(Marks.Empty, (marks, row) => marks.Max(row.Marks)),
            },
            null)),
    ];

    public static async Task<WriteOutcome> WriteAsync(this IWindowStore store, WindowRow row, long? expected = null) =>
        (await store.WriteAsync([row.Write(expected)], TestContext.Current.CancellationToken))[0];

    public static async Task<IReadOnlyList<WindowRow>> ReadAsync(this IWindowStore store, params WindowRow[] rows) =>
    [
        .. (await store.ReadAsync([.. rows.Select(row => row.Key.Window).Distinct()], TestContext.Current.CancellationToken))
            .SelectMany(window => window.Rows),
    ];

    public static async Task<List<WindowRow>> QueryAsync(
        this IWindowStore store, long from = long.MinValue, long to = long.MaxValue - 1, int[]? sensors = null, Period? period = null)
    {
        var rows = new List<WindowRow>();
        await foreach (var row in store.QueryAsync(new(from, to, sensors, period), TestContext.Current.CancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Asserts that an error is one sentence without secrets.</summary>
    public static void IsOneSentenceWithoutSecrets(string message)
    {
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("topsecret", message, StringComparison.Ordinal);
    }
}
