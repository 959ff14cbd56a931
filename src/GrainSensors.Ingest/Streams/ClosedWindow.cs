using System.Buffers;
using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;

namespace GrainSensors.Ingest.Streams;

/// <summary>Formats a closed window as a message of the topic. The event id contains the revision.</summary>
internal static class ClosedWindow
{
    public static byte[] ToJson(WindowRow row, SensorRef sensor) => ToJson(
        sensor, row.Key.Measurement, row.Key.Period.ToString(), (row.Key.Start, row.Key.End), row.Revision, row.Statistics);

    /// <returns>A message for each measurement.</returns>
    public static IEnumerable<byte[]> ToJson(MergedWindow window, SensorRef sensor) => window.Statistics.Measurements.Select(measured =>
        ToJson(
            sensor, measured.Measurement, window.Id.Period.ToString(), (window.Id.Start, window.Id.End), window.Revision,
            measured.Statistics, $"{window.Id.Period}/"));

    /// <param name="form">What tells the id of a merged window from that of a counted one.</param>
    private static byte[] ToJson(
        SensorRef sensor, string measurement, string period, (long Start, long End) times, int revision, RunningStatistics statistics,
        string form = "")
    {
        var (start, end) = (EpochTime.ToIso8601(times.Start), EpochTime.ToIso8601(times.End));
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        var eventId = string.Create(CultureInfo.InvariantCulture, $"{sensor}/{measurement}/{start}/{end}/{form}{revision}");
        json.WriteString("event_id"u8, eventId);
        sensor.Write(json, "sensor_id");
        json.WriteString("metric"u8, measurement);
        json.WriteString("period"u8, period);
        json.WriteString("window_start"u8, start);
        json.WriteString("window_end"u8, end);
        json.WriteNumber("count"u8, statistics.Count);
        json.WriteNumber("mean"u8, statistics.Mean);
        json.WriteNumber("stddev"u8, statistics.PopulationStandardDeviation);
        json.WriteNumber("min"u8, statistics.Min);
        json.WriteNumber("max"u8, statistics.Max);
        json.WriteNumber("revision"u8, revision);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
