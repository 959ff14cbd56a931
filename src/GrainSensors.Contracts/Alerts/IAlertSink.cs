using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Alerts;

/// <summary>The port through which alerts reach the log topic.</summary>
public interface IAlertSink
{
    /// <returns>A task that completes when Kafka has acknowledged all events.</returns>
    /// <exception cref="AlertNotPublishedException">Some events may be missing in the topic; publish all of them again.</exception>
    Task PublishAsync(IReadOnlyList<AlertEvent> events);
}

/// <summary>One transition of an alert, with its message. Times are in µs since the epoch.</summary>
/// <param name="Measurement">The name of the measurement; empty for an alert about the sensor itself.</param>
/// <param name="RaisedAt">The time at which the alert was first raised.</param>
/// <param name="At">The time of the transition.</param>
/// <param name="Value">The value of the reading; NaN if a reading is missing.</param>
/// <param name="Expected">The mean of the sensor's baseline; NaN if there is none.</param>
/// <param name="LastReadingAt">The time of the sensor's last reading before the transition; null if there is none.</param>
/// <param name="Occurrences">The number of times that the alert was raised, reopenings included.</param>
/// <param name="Message">The text for people.</param>
public sealed record AlertEvent(
    Guid AlertId,
    int SensorId,
    string Measurement,
    AlertKind Kind,
    AlertTransition Transition,
    long RaisedAt,
    long At,
    double Value,
    double Expected,
    long? LastReadingAt,
    int Occurrences,
    string Message)
{
    /// <summary>The id of the rule; of a built-in one the name of its kind.</summary>
    public string Rule { get; init; } = Kind.Name();

    public AlertLevel Severity { get; init; } = AlertNames.LevelOf(Kind);

    /// <summary>The name of the sensor; null: it has an id.</summary>
    public string? SensorName { get; init; }

    public SensorRef Sensor => new(SensorId, SensorName);

    /// <summary>The level of the event's line in the log topic.</summary>
    public string Level => Transition == AlertTransition.Cleared ? "INFO" : Severity.Name();
}

/// <summary>Publishing an alert to Kafka failed. The message names the topic and the cause, never a secret.</summary>
public sealed class AlertNotPublishedException : Exception
{
    public AlertNotPublishedException()
    {
    }

    public AlertNotPublishedException(string message)
        : base(message)
    {
    }

    public AlertNotPublishedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
