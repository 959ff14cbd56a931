using System.Buffers;
using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Streams;

/// <summary>Formats a closed window as a message of the topic. The event id contains the revision.</summary>
internal static class ClosedWindow
{
    public static byte[] ToJson(WindowRow row, SensorRef sensor)
    {
        var (key, statistics) = (row.Key, row.Statistics);
        var (start, end) = (EpochTime.ToIso8601(key.Start), EpochTime.ToIso8601(key.End));
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        var eventId = string.Create(CultureInfo.InvariantCulture, $"{sensor}/{key.Measurement}/{start}/{end}/{row.Revision}");
        json.WriteString("event_id"u8, eventId);
        sensor.Write(json, "sensor_id");
        json.WriteString("metric"u8, key.Measurement);
        json.WriteString("window_start"u8, start);
        json.WriteString("window_end"u8, end);
        json.WriteNumber("count"u8, statistics.Count);
        json.WriteNumber("mean"u8, statistics.Mean);
        json.WriteNumber("stddev"u8, statistics.PopulationStandardDeviation);
        json.WriteNumber("min"u8, statistics.Min);
        json.WriteNumber("max"u8, statistics.Max);
        json.WriteNumber("revision"u8, row.Revision);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
