using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Views;

/// <summary>All sensors of the cluster at one time.</summary>
/// <param name="At">Time of the snapshot, µs since the epoch; 0: not read yet.</param>
/// <param name="Measurements">Names of the measurements, in the order of the values.</param>
/// <param name="Sensors">Sensors by id, and then those with names by name.</param>
internal sealed record FleetSnapshot(
    long At,
    IReadOnlyList<string> Measurements,
    SensorLine[] Sensors,
    FleetCounts Counts)
{
    /// <summary>Whether the sensors are known. They are not while the store cannot be read since the first client asked.</summary>
    public bool IsKnown => At != 0;

    /// <summary>Whether there are further sensors, which are left out.</summary>
    public bool IsPartial { get; init; }

    /// <param name="sensorId">An id, or the number of a name.</param>
    public SensorLine? Find(int sensorId)
    {
        if (SensorName.IsNumber(sensorId))
        {
            return Array.FindLast(Sensors, sensor => sensor.SensorId == sensorId);
        }

        var (low, high) = (0, Sensors.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = Sensors[middle];
            if (found.SensorId == sensorId)
            {
                return found;
            }

            (low, high) = found.Name is null && found.SensorId < sensorId ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}

/// <param name="Alerting">Sensors with an open alert, in any condition.</param>
internal readonly record struct FleetCounts(int Total, int Reporting, int Silent, int Alerting)
{
    public static FleetCounts Of(SensorLine[] lines) => new(
        lines.Length,
        lines.Count(line => line.Condition == SensorCondition.Reporting),
        lines.Count(line => line.Condition is SensorCondition.Silent or SensorCondition.Disconnected),
        lines.Count(line => line.OpenAlerts > 0));
}

/// <summary>A sensor at one time.</summary>
/// <param name="LastAt">Event time of the latest reading, µs since the epoch; null: unknown.</param>
/// <param name="Values">Values of the latest reading, in the order of the measurements; NaN: no value.</param>
/// <param name="OpenAlerts">Number of open alerts.</param>
/// <param name="Level">The highest level of the open alerts; null: no alert is open.</param>
internal sealed record SensorLine(
    int SensorId,
    SensorCondition Condition,
    long? LastAt,
    double[] Values,
    int OpenAlerts,
    AlertLevel? Level)
{
    /// <summary>The name of the sensor; null: it has an id.</summary>
    public string? Name { get; init; }

    public SensorRef Sensor => new(SensorId, Name);

    /// <summary>The entry of the registry; null: the sensor is not registered.</summary>
    public RegisteredSensor? Entry { get; init; }

    /// <summary>The last values of measurements that are not declared, by name.</summary>
    public IReadOnlyList<NamedValue> Others { get; init; } = [];

    public string? Place => Entry?.Place;

    /// <param name="index">The index of a declared measurement; −1: another one.</param>
    /// <returns>The latest value of a measurement; NaN: none.</returns>
    public double ValueOf(string measurement, int index)
    {
        if (index >= 0)
        {
            return Values[index];
        }

        foreach (var (name, value) in Others)
        {
            if (name == measurement)
            {
                return value;
            }
        }

        return double.NaN;
    }
}

public enum SensorCondition
{
    Reporting,

    /// <summary>The latest reading has no value, or has lost that of the primary measurement.</summary>
    Disconnected,

    /// <summary>No reading for longer than the timeout by which the monitor raises an alert, in stream time.</summary>
    Silent,

    /// <summary>No reading yet, and the fleet has been watched for less than the timeout.</summary>
    Unknown,
}
