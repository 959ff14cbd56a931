using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Registry;

/// <summary>Changes of an entry, each of them optional.</summary>
/// <param name="DisplayName">Up to 200 characters.</param>
/// <param name="Tags">Up to 32 tags, with a value of up to 256 characters; null removes a tag.</param>
/// <param name="City">Up to 200 characters.</param>
/// <param name="Station">Up to 200 characters.</param>
/// <param name="Latitude">Degrees, north is positive; given together with longitude.</param>
/// <param name="Longitude">Degrees, east is positive.</param>
/// <param name="TimeZone">IANA id, such as Europe/Madrid.</param>
/// <param name="DiffTemperature">Error of the sensor, °C: how much warmer than its surroundings it reads.</param>
/// <param name="Overrides">Alert rules of this sensor. PATCH merges them: null removes a member.</param>
internal sealed record EntryChange(
    string? DisplayName = null,
    IReadOnlyDictionary<string, string?>? Tags = null,
    string? City = null,
    string? Station = null,
    double? Latitude = null,
    double? Longitude = null,
    string? TimeZone = null,
    double? DiffTemperature = null,
    JsonElement? Overrides = null);

/// <summary>The registry entry of a sensor.</summary>
/// <param name="DisplayName">The name that people see; null: they see sensor_id.</param>
/// <param name="Tags">Up to 32 tags.</param>
/// <param name="Latitude">Degrees, north is positive; given together with longitude.</param>
/// <param name="Longitude">Degrees, east is positive.</param>
/// <param name="TimeZone">IANA id, such as Europe/Madrid.</param>
/// <param name="DiffTemperature">Error of the sensor, °C: how much warmer than its surroundings it reads.</param>
/// <param name="Overrides">Alert rules of this sensor; null: the general rules.</param>
internal sealed record EntryBody(
    SensorRef SensorId,
    string? DisplayName,
    IReadOnlyDictionary<string, string> Tags,
    string? City,
    string? Station,
    double? Latitude,
    double? Longitude,
    string? TimeZone,
    double DiffTemperature,
    JsonElement? Overrides)
{
    public static EntryBody Of(RegisteredSensor sensor) => new(
        sensor.Sensor, sensor.DisplayName, sensor.Tags, sensor.City, sensor.Station, sensor.Latitude, sensor.Longitude, sensor.TimeZone,
        sensor.Offset, OverridesOf(sensor.Overrides));

    private static JsonElement? OverridesOf(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
        }
        catch (JsonException)
        {
            // SQLite keeps what was written by hand. Monitors log it and use the general rules.
            return JsonSerializer.SerializeToElement(json);
        }
    }
}
