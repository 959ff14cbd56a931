namespace GrainSensors.Core.Alerts;

/// <summary>One step in the life of an alert.</summary>
/// <param name="SensorId">Whose it is.</param>
/// <param name="Measurement">Index into the measurements; −1 for an alert about the sensor as such.</param>
/// <param name="RaisedAt">When it was raised first, µs since the epoch; with sensor, measurement and kind this is the alert's identity.</param>
/// <param name="At">When this happened, in the time of the readings, µs since the epoch.</param>
/// <param name="Value">The reading's; NaN where a reading is missing.</param>
/// <param name="Expected">The sensor's baseline; NaN where there is none.</param>
/// <param name="LastReadingAt">When the sensor was last heard of before this, µs since the epoch; <see cref="SensorWatch.Never"/>: never.</param>
/// <param name="Occurrences">How often it was raised, reopenings included.</param>
public readonly record struct AlertChange(
    int SensorId,
    int Measurement,
    AlertKind Kind,
    AlertTransition Transition,
    long RaisedAt,
    long At,
    double Value,
    double Expected,
    long LastReadingAt,
    int Occurrences)
{
    /// <summary>Of an alert about the sensor as such.</summary>
    public const int WholeSensor = -1;
}
