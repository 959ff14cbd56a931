using GrainSensors.Core.Readings;

namespace GrainSensors.Grains.Sensors;

/// <summary>What a simulated sensor reports: the weather where it stands, with the errors that it makes.</summary>
/// <param name="offset">How much warmer than its surroundings it reads, °C.</param>
/// <param name="errors">Probability of an error in one reading, 0…1; null: the sensor's own.</param>
public sealed class SimulatedSensor(int sensorId, MeasurementSet measurements, int seed, double? errors = null, double offset = 0)
{
    public int SensorId => sensorId;

    public ClimateModel Climate { get; } = new(sensorId, seed);

    public SensorFaults Faults { get; } = new(sensorId, seed, errors);

    /// <param name="moment">µs since the epoch.</param>
    /// <returns>A value for every measurement, within its range: of those that are no weather, the middle.</returns>
    public Reading ReadingAt(long moment)
    {
        var (temperature, humidity) = Climate.At(moment);
        var fault = Faults.At(moment);
        var reading = new Reading { SensorId = sensorId, Timestamp = moment, Offset = -1, Values = MeasurementValues.None };
        for (var i = 0; i < measurements.Count; i++)
        {
            var m = measurements[i];
            var value = m.Name switch
            {
                "temperature" when fault.Kind == SensorFaultKind.Disconnected => double.NaN,
                "temperature" => Math.Round(temperature + offset + fault.Deviation, 2),
                "humidity" => humidity,
                _ => (m.Min / 2) + (m.Max / 2), // the sum may overflow
            };
            reading.Values[i] = Math.Clamp(value, m.Min, m.Max);
        }

        return reading;
    }
}
