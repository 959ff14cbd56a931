using GrainSensors.Core.Alerts;

namespace GrainSensors.Contracts.Alerts;

/// <summary>The port through which alerts reach the log topic.</summary>
public interface IAlertSink
{
    /// <returns>When all of them are in the log.</returns>
    /// <exception cref="AlertNotPublishedException">Some may not be in the log; publish all of them again.</exception>
    Task PublishAsync(IReadOnlyList<AlertEvent> events);
}

/// <summary>One step in the life of an alert, in words. Times in µs since the epoch.</summary>
/// <param name="Measurement">The name; empty: it is about the sensor as such.</param>
/// <param name="RaisedAt">When the alert was raised first.</param>
/// <param name="At">When this happened.</param>
/// <param name="Value">The reading's; NaN where a reading is missing.</param>
/// <param name="Expected">What the sensor usually reads; NaN where there is no telling.</param>
/// <param name="LastReadingAt">When the sensor was last heard of before this; null: never.</param>
/// <param name="Occurrences">How often it was raised, reopenings included.</param>
/// <param name="Message">For people.</param>
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
    /// <summary>The level of its line in the log topic.</summary>
    public string Level => Transition == AlertTransition.Cleared ? "INFO" : AlertNames.LevelOf(Kind).Name();
}

/// <summary>Kafka did not take an alert. The text names the topic and the cause, never a secret.</summary>
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
