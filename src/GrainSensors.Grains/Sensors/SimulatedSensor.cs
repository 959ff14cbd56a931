using GrainSensors.Core.Readings;

namespace GrainSensors.Grains.Sensors;

/// <summary>A simulated sensor: its weather and its errors.</summary>
/// <param name="errors">The probability of an error in a reading, 0…1; null for the sensor's own.</param>
/// <param name="offset">The constant error of the temperature, °C.</param>
public sealed class SimulatedSensor(int sensorId, MeasurementSet measurements, int seed, double? errors = null, double offset = 0)
{
    public int SensorId => sensorId;

    public ClimateModel Climate { get; } = new(sensorId, seed);

    public SensorFaults Faults { get; } = new(sensorId, seed, errors);

    public LastingFault Lasting { get; init; }

    /// <param name="moment">The time, µs since the epoch.</param>
    /// <returns>
    /// A reading with a value in range for every measurement. Measurements other than temperature and humidity have the middle of
    /// their range. Values are as they are sent.
    /// </returns>
    public Reading ReadingAt(long moment)
    {
        var (temperature, humidity) = Climate.At(moment);
        var fault = Faults.At(moment);
        if (Lasting.IsStuckAt(moment))
        {
            (temperature, fault) = (Climate.At(Lasting.Since).Temperature, default);
        }

        Span<double> values = stackalloc double[measurements.Count];
        for (var i = 0; i < measurements.Count; i++)
        {
            var m = measurements[i];
            var value = m.Name switch
            {
                "temperature" when fault.Kind == SensorFaultKind.Disconnected => double.NaN,
                "temperature" => Math.Round(temperature + offset + Lasting.DriftAt(moment) + fault.Deviation, 2),
                "humidity" => humidity,
                _ => (m.Min / 2) + (m.Max / 2), // the sum may overflow
            };
            values[i] = m.Send(Math.Clamp(value, m.Min, m.Max));
        }

        return new() { SensorId = sensorId, Timestamp = moment, Offset = -1, Values = MeasurementValues.Of(values) };
    }
}
