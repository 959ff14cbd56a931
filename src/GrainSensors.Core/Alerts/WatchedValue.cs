namespace GrainSensors.Core.Alerts;

/// <summary>One value of a reading, as a <see cref="ValueWatch"/> sees it.</summary>
/// <param name="Measurement">Index into the measurements.</param>
/// <param name="Value">A finite number.</param>
/// <param name="At">When it was measured, µs since the epoch.</param>
/// <param name="HeardBefore">The time of the newest reading of the sensor before this one, µs since the epoch; this one's if there is none.</param>
public readonly record struct WatchedValue(int SensorId, int Measurement, double Value, long At, long HeardBefore)
{
    /// <summary>A newer reading was seen before.</summary>
    public bool IsLate => At < HeardBefore;
}
