namespace GrainSensors.Core.Alerts;

/// <summary>One transition of an alert.</summary>
/// <param name="SensorId">The sensor that the alert is about.</param>
/// <param name="Measurement">The index of the measurement; <see cref="WholeSensor"/> for an alert about the sensor itself.</param>
/// <param name="RaisedAt">
/// The time at which the alert was first raised, µs since the epoch. Sensor, measurement, kind and this time identify the alert.
/// </param>
/// <param name="LastRaisedAt">
/// The time at which the alert was last raised or reopened, µs since the epoch. An interval of the alert lasts from here to its clearing.
/// </param>
/// <param name="At">The event time of the transition, µs since the epoch.</param>
/// <param name="Value">The value of the reading; NaN if a reading is missing.</param>
/// <param name="Expected">The mean of the sensor's baseline; NaN if there is none.</param>
/// <param name="LastReadingAt">
/// The time of the sensor's last reading before the transition, µs since the epoch; <see cref="SensorWatch.Never"/> if there is none.
/// </param>
/// <param name="Occurrences">The number of times that the alert was raised, reopenings included.</param>
public readonly record struct AlertChange(
    int SensorId,
    int Measurement,
    AlertKind Kind,
    AlertTransition Transition,
    long RaisedAt,
    long LastRaisedAt,
    long At,
    double Value,
    double Expected,
    long LastReadingAt,
    int Occurrences)
{
    /// <summary>The rule as data; null: the built-in rule of the kind.</summary>
    public RuleKey? Rule { get; init; }

    /// <summary>Whether the alert was cleared because its rule no longer applies.</summary>
    public bool IsRuleGone { get; init; }

    /// <summary>The name of a measurement that is no longer configured; null: it is that of the index.</summary>
    public string? FormerMeasurement { get; init; }

    /// <summary>What a rule over several measurements found, such as <c>temperature 31.2, humidity 85</c>; else null.</summary>
    public string? Found { get; init; }

    /// <summary>The measurement index of an alert about the sensor itself.</summary>
    public const int WholeSensor = -1;
}
