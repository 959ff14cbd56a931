using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Ingest.LogTopic;

/// <summary>A message of the log topic, written by a sensor or by a monitor.</summary>
/// <param name="Sensor">The sensor; a name comes without its number.</param>
/// <param name="Level"><c>ERROR</c>, <c>WARNING</c>, <c>INFO</c>, or another level of a sensor.</param>
/// <param name="Message">The text.</param>
/// <param name="AlertId">The alert. Null if a sensor wrote the message.</param>
public sealed record LogMessage(SensorRef Sensor, string Level, string Message, Guid? AlertId)
{
    /// <summary>The unchanged message.</summary>
    public required JsonElement Json { get; init; }

    /// <summary>Parses a message.</summary>
    /// <returns>Null if the bytes are not a log message, or are not valid text: half a surrogate pair, or invalid UTF-8.</returns>
    public static LogMessage? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            var json = JsonElement.ParseValue(ref reader);

            // JsonElement validates strings when they are read. Serializing it finds invalid ones now.
            JsonSerializer.SerializeToUtf8Bytes(json);
            return json.ValueKind == JsonValueKind.Object
                && json.TryGetProperty("sensor_id", out var id) && SensorRef.Read(id) is { } sensor
                && Text(json, "level") is { } level && Text(json, "message") is { } message
                    ? new(sensor, level, message, Guid.TryParse(Text(json, "alert_id"), out var alertId) ? alertId : null) { Json = json }
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Formats an alert as JSON. The members of the original contract come first, and times are in ISO 8601, UTC.</summary>
    internal static byte[] Format(AlertEvent happened)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        happened.Sensor.Write(json, "sensor_id");
        json.WriteString("level", happened.Level);
        json.WriteString("message", happened.Message);
        json.WriteString("kind", happened.Kind.Name());
        json.WriteString("state", StateOf(happened.Transition));
        if (happened.Measurement.Length > 0)
        {
            json.WriteString("measurement", happened.Measurement);
        }

        json.WriteString("at", EpochTime.ToIso8601(happened.At));
        json.WriteString("raised_at", EpochTime.ToIso8601(happened.RaisedAt));
        WriteNumber(json, "value", happened.Value);
        WriteNumber(json, "expected", happened.Expected);
        if (happened.LastReadingAt is { } lastReadingAt)
        {
            json.WriteString("last_reading_at", EpochTime.ToIso8601(lastReadingAt));
        }

        json.WriteNumber("occurrences", happened.Occurrences);
        json.WriteString("alert_id", happened.AlertId);
        json.WriteString("rule", happened.Rule);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string StateOf(AlertTransition transition) => transition switch
    {
        AlertTransition.Raised => "raised",
        AlertTransition.Reopened => "reopened",
        AlertTransition.Cleared => "cleared",
        _ => throw new ArgumentOutOfRangeException(nameof(transition), transition, "Unknown transition."),
    };

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
