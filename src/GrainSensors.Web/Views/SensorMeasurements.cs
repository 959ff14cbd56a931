namespace GrainSensors.Web.Views;

/// <summary>The measurements that a sensor has, whatever the configuration names.</summary>
internal static class SensorMeasurements
{
    /// <param name="configured">The measurements of the fleet, in the order of the values of <paramref name="sensor"/>.</param>
    /// <param name="sensor">Null: the sensor is not in the fleet.</param>
    /// <param name="windows">Windows of the sensor.</param>
    /// <returns>
    /// Those in the latest reading or in a window: the configured ones in their order, and then the others by name. All configured ones if
    /// nothing is known.
    /// </returns>
    public static IReadOnlyList<string> Of(
        IReadOnlyList<string> configured, SensorLine? sensor, IReadOnlyList<SensorWindow> windows)
    {
        var stored = windows.SelectMany(window => window.Measurements.Keys).ToHashSet(StringComparer.Ordinal);
        List<string> found =
        [
            .. configured.Where((name, i) => stored.Contains(name) || (sensor is not null && !double.IsNaN(sensor.Values[i]))),
            .. stored.Except(configured).Order(StringComparer.Ordinal),
        ];
        return found.Count > 0 ? found : configured;
    }

    /// <param name="windows">Windows of a sensor by start.</param>
    /// <returns>For each measurement the mean of the latest window that has it.</returns>
    public static Dictionary<string, double> MeansOf(IReadOnlyList<SensorWindow> windows)
    {
        var means = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, statistics) in windows.SelectMany(window => window.Measurements))
        {
            means[name] = statistics.Mean;
        }

        return means;
    }
}
