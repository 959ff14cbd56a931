using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Silo.Console;

namespace GrainSensors.Silo.Replay;

/// <summary>Writes windows as CSV, for people and for comparison: numbers in the form that reads back as the same double.</summary>
internal static class WindowsCsv
{
    public const string Header = "sensor_id,metric,window_start,window_end,sample_count,min,max,avg,stddev,revision,is_final";

    /// <param name="rows">In the order in which they are to stand.</param>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public static Task WriteAsync(string path, IAsyncEnumerable<WindowRow> rows) => OutputFile.WriteAsync(path, async file =>
    {
        await file.WriteAsync(Header + "\n");
        await foreach (var row in rows)
        {
            await file.WriteAsync(Line(row.Key, row.Statistics, row.Revision, row.IsFinal) + "\n");
        }
    });

    public static string Line(WindowKey key, RunningStatistics statistics, int revision, bool isFinal) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key.SensorId},{Quote(key.Measurement)},{EpochTime.ToIso8601(key.Start)},{EpochTime.ToIso8601(key.End)},{statistics.Count},{statistics.Min:R},{statistics.Max:R},{statistics.Mean:R},{statistics.PopulationStandardDeviation:R},{revision},{(isFinal ? "true" : "false")}");

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
