using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Web.Formatting;

/// <summary>Writes windows as CSV, for people and for comparison: numbers in the form that reads back as the same double.</summary>
internal static class WindowsCsv
{
    public const string Header = "sensor_id,metric,window_start,window_end,sample_count,min,max,avg,stddev,revision,is_final";

    /// <param name="rows">In the order of the output.</param>
    public static async Task WriteAsync(TextWriter output, IAsyncEnumerable<WindowRow> rows)
    {
        await output.WriteAsync(Header + "\n");
        await foreach (var row in rows)
        {
            await output.WriteAsync(Line(row.Key, row.Statistics, row.Revision, row.IsFinal) + "\n");
        }
    }

    public static string Line(WindowKey key, RunningStatistics statistics, int revision, bool isFinal) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key.SensorId},{Quote(key.Measurement)},{EpochTime.ToIso8601(key.Start)},{EpochTime.ToIso8601(key.End)},{statistics.Count},{statistics.Min:R},{statistics.Max:R},{statistics.Mean:R},{statistics.PopulationStandardDeviation:R},{revision},{(isFinal ? "true" : "false")}");

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
