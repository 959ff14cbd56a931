using GrainSensors.Web.Charts;

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
        stored.UnionWith((sensor?.Others ?? []).Select(value => value.Name));
        List<string> found =
        [
            .. configured.Where((name, i) => stored.Contains(name) || (sensor is not null && !double.IsNaN(sensor.Values[i]))),
            .. stored.Except(configured).Order(StringComparer.Ordinal),
        ];
        return found.Count > 0 ? found : configured;
    }

    /// <summary>The measurements for which there is a column: declared ones with values, then those that most sensors have.</summary>
    /// <param name="most">The greatest number of columns.</param>
    public static IReadOnlyList<(string Name, int Index)> ColumnsOf(FleetSnapshot fleet, int most)
    {
        var (has, others) = (new bool[fleet.Measurements.Count], new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var sensor in fleet.Sensors)
        {
            for (var i = 0; i < has.Length; i++)
            {
                has[i] |= !double.IsNaN(sensor.Values[i]);
            }

            foreach (var (name, _) in sensor.Others)
            {
                others[name] = others.GetValueOrDefault(name) + 1;
            }
        }

        var declared = fleet.Measurements.Index().Select(one => (Name: one.Item, one.Index)).ToList();
        return
        [
            .. declared.Where(one => has[one.Index])
                .Concat(others.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)
                    .Select(one => (one.Key, -1)))
                .Concat(declared.Where(one => !has[one.Index]))
                .Take(most),
        ];
    }

    /// <returns>The measurement in those of the windows that have it.</returns>
    public static List<ChartPoint> PointsOf(IReadOnlyList<SensorWindow> windows, string measurement)
    {
        var points = new List<ChartPoint>(windows.Count);
        foreach (var window in windows)
        {
            if (window.Measurements.TryGetValue(measurement, out var measured))
            {
                points.Add(ChartPoint.Of(window.Start, window.End, measured, window.IsFinal));
            }
        }

        return points;
    }

    /// <param name="windows">Windows of a sensor by start.</param>
    /// <returns>For each measurement the mean of the latest window that has it.</returns>
    public static Dictionary<string, double> MeansOf(IReadOnlyList<SensorWindow> windows)
    {
        var means = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, measured) in windows.SelectMany(window => window.Measurements))
        {
            means[name] = measured.Statistics.Mean;
        }

        return means;
    }
}
