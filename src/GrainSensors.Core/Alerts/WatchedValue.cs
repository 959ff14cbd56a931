namespace GrainSensors.Core.Alerts;

/// <summary>One value of a reading, the input of a <see cref="ValueWatch"/>.</summary>
/// <param name="Measurement">The index of the measurement.</param>
/// <param name="Value">A finite number.</param>
/// <param name="At">The event time, µs since the epoch.</param>
/// <param name="HeardBefore">
/// The time of the newest earlier reading of the sensor, µs since the epoch; the time of this reading if there is none.
/// </param>
public readonly record struct WatchedValue(int SensorId, int Measurement, double Value, long At, long HeardBefore)
{
    /// <summary>Whether a newer reading arrived before this one.</summary>
    public bool IsLate => At < HeardBefore;
}
