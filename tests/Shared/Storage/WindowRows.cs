using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Tests.Shared;

/// <summary>Creates rows, and writes and reads them.</summary>
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
            new(sensor, metric, start, start + length),
            statistics ?? new(3, 21.5, 0.125, 21.25, 21.75),
            marks ?? Marks.Empty.Raise(Source, 41),
            token,
            revision,
            isFinal);

    public static async Task<WriteOutcome> WriteAsync(this IWindowStore store, WindowRow row, long? expected = null) =>
        (await store.WriteAsync([new(row, expected)], TestContext.Current.CancellationToken))[0];

    public static Task<IReadOnlyList<WindowRow>> ReadAsync(this IWindowStore store, params WindowRow[] rows) =>
        store.ReadAsync([.. rows.Select(row => row.Key.Window).Distinct()], TestContext.Current.CancellationToken);

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
