using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Storage.Sensors;

/// <summary>The entry of a sensor in the registry.</summary>
/// <param name="SensorId">The id, or the number of the name.</param>
/// <param name="Offset">
/// Error of the sensor, °C: how much warmer than its surroundings it reads (column <c>diff_temperature</c>).
/// </param>
/// <param name="Overrides">Alert rules of this sensor as JSON; null for the default rules.</param>
public sealed record RegisteredSensor(
    int SensorId, string? City = null, string? Station = null, double Offset = 0, string? Overrides = null)
{
    /// <summary>The name by which messages have the sensor; null: it has an id.</summary>
    public string? Name { get; init; }

    /// <summary>The name that people see.</summary>
    public string? DisplayName { get; init; }

    public SensorTags Tags { get; init; } = SensorTags.None;

    /// <summary>In degrees, north is positive. Known together with <see cref="Longitude"/>.</summary>
    public double? Latitude { get; init; }

    /// <summary>In degrees, east is positive.</summary>
    public double? Longitude { get; init; }

    /// <summary>IANA id, such as <c>Europe/Madrid</c>.</summary>
    public string? TimeZone { get; init; }

    public SensorRef Sensor => new(SensorId, Name);

    public string? Place => City is null ? Station : Station is null ? City : $"{City}, {Station}";
}
