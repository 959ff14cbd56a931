using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Readings;

/// <summary>The latest stored reading of a sensor.</summary>
/// <param name="Values">A value for each measurement that was asked for; NaN: the reading has none.</param>
public sealed record LatestReading(int SensorId, ReadingOrder Order, double[] Values)
{
    /// <summary>Values of measurements that were not asked for, at most as many as a reading usually has.</summary>
    public IReadOnlyList<NamedValue> Others { get; init; } = [];

    /// <summary>Picks the values that were asked for out of those of a reading.</summary>
    /// <param name="measurements">The measurements that were asked for.</param>
    public static LatestReading Of(int sensorId, ReadingOrder order, IReadOnlyList<string> measurements, List<NamedValue> values)
    {
        var wanted = new double[measurements.Count];
        for (var i = 0; i < wanted.Length; i++)
        {
            var at = values.FindIndex(value => value.Name == measurements[i]);
            wanted[i] = at < 0 ? double.NaN : values[at].Value;
        }

        return new(sensorId, order, wanted)
        {
            Others =
            [
                .. values.Where(value => !double.IsNaN(value.Value) && !measurements.Contains(value.Name))
                    .Take(DiscoveryRules.DefaultPerReading),
            ],
        };
    }
}
