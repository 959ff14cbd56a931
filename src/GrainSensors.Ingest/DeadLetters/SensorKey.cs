using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The message key of a requeued reading.</summary>
internal static class SensorKey
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = ReadingParser.MaxDepth };

    /// <returns>
    /// The sensor id as UTF-8 digits, or the name. Null if the bytes are not a JSON object with one of both; they go to any partition.
    /// </returns>
    public static byte[]? Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }

        try
        {
            return Utf8.IsValid(utf8) ? Find(new(utf8, Strict)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>The value of the last member <c>sensor_id</c>, by the rules of <see cref="ReadingParser"/>.</returns>
    private static byte[]? Find(Utf8JsonReader reader)
    {
        var sensor = new MessageSensor();
        byte[]? found = null;
        reader.Read();
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        while (reader.Read())
        {
            if (!isObject || reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var isSensorId = IsSensorId(in reader);
            reader.Read();
            if (isSensorId)
            {
                found = ReadingParser.TryReadSensor(in reader, sensor, out var id) ? sensor.KeyOf(id) : null;
            }
        }

        return found;
    }

    private static bool IsSensorId(in Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueTextEquals("sensor_id"u8);
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair, so the name is a different one
        }
    }
}
