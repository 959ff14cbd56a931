using GrainSensors.Core.Readings;

namespace GrainSensors.Web.Console.Parts;

/// <summary>Links to the page of a sensor. A name is a query parameter, because proxies change some names in paths.</summary>
internal static class SensorLink
{
    public static string To(SensorRef sensor) =>
        sensor.Name is { } name ? $"sensors/named?sensor={Uri.EscapeDataString(name)}" : $"sensors/{sensor}";

    /// <summary>The address of the sensor in the API, without a query, which must have a name.</summary>
    public static string Api(SensorRef sensor) => $"api/v1/sensors/{(sensor.Name is null ? $"{sensor}" : "_")}";
}
