using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GrainSensors.Core.Readings;

/// <summary>A sensor as people and messages name it: by its id, or by its name. JSON has a number or a string.</summary>
/// <param name="Id">The id, or the number of the name, which stays inside.</param>
/// <param name="Name">Null: the sensor has an id.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct SensorRef(int Id, string? Name)
{
    /// <summary>Stands for the name of a number that has none.</summary>
    public const string Unnamed = "unnamed";

    /// <summary>Orders sensors by id, and then those with names by name.</summary>
    public static int Compare(SensorRef a, SensorRef b) => (a.Name, b.Name) switch
    {
        (null, null) => a.Id.CompareTo(b.Id),
        (null, _) => -1,
        (_, null) => 1,
        _ => string.CompareOrdinal(a.Name, b.Name),
    };

    /// <param name="names">The names of numbers.</param>
    public static SensorRef Of(int sensorId, IReadOnlyDictionary<int, string?> names) =>
        SensorName.IsNumber(sensorId) ? new(sensorId, names.GetValueOrDefault(sensorId) ?? Unnamed) : new(sensorId, null);

    /// <summary>Reads an id or a name as keys and URLs have it.</summary>
    /// <returns>Null if it is neither. A name comes without its number.</returns>
    public static SensorRef? Parse(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return SensorName.TryParseId(utf8, out var id) ? new(id, null)
            : SensorName.TryParse(utf8, out var name) ? new(SensorName.NoNumber, name)
            : null;
    }

    /// <summary>Reads the member <c>sensor_id</c> of a message.</summary>
    /// <inheritdoc cref="Parse(string)"/>
    public static SensorRef? Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.TryGetInt32(out var id) && id >= 0 ? new(id, null)
            : element.GetRawText() is var digits && !digits.AsSpan().ContainsAny(".eE") ? Parse(digits)
            : null,
        JsonValueKind.String => Text(element) is { } text ? Parse(text) : null,
        _ => null,
    };

    /// <param name="member">The member of the id.</param>
    public void Write(Utf8JsonWriter json, string member)
    {
        json.WritePropertyName(member);
        WriteValue(json);
    }

    /// <returns>The id, or the name.</returns>
    public override string ToString() => Name ?? Id.ToString(CultureInfo.InvariantCulture);

    /// <returns>Null if the text is not valid Unicode: it has half of a surrogate pair, or bytes that are not UTF-8.</returns>
    private static string? Text(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void WriteValue(Utf8JsonWriter json)
    {
        if (Name is null)
        {
            json.WriteNumberValue(Id);
        }
        else
        {
            json.WriteStringValue(Name);
        }
    }

    private sealed class Converter : JsonConverter<SensorRef>
    {
        public override SensorRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return SensorRef.Read(document.RootElement) ?? throw new JsonException("A sensor must be an integer or a name.");
        }

        public override void Write(Utf8JsonWriter writer, SensorRef value, JsonSerializerOptions options) => value.WriteValue(writer);
    }
}
