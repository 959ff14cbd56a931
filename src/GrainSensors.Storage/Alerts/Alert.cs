using GrainSensors.Core.Alerts;

namespace GrainSensors.Storage.Alerts;

/// <summary>An alert as the table <c>alerts</c> has it. Times in µs since the epoch.</summary>
/// <param name="Id">See <see cref="AlertId"/>.</param>
/// <param name="Measurement">Empty: it is about the sensor as such.</param>
/// <param name="RaisedAt">When it was raised first.</param>
/// <param name="LastRaisedAt">When it was raised or reopened last.</param>
/// <param name="ClearedAt">Null: it is open.</param>
/// <param name="Occurrences">How often it was raised, reopenings included.</param>
/// <param name="Value">The reading's that raised it last; NaN where a reading is missing.</param>
/// <param name="Expected">What the sensor usually reads; NaN where there is no telling.</param>
/// <param name="LastReadingAt">When the sensor was last heard of before it; null: never.</param>
/// <param name="Message">For people.</param>
public sealed record Alert(
    Guid Id,
    int SensorId,
    string Measurement,
    AlertKind Kind,
    AlertLevel Level,
    long RaisedAt,
    long LastRaisedAt,
    long? ClearedAt,
    int Occurrences,
    double Value,
    double Expected,
    long? LastReadingAt,
    string Message)
{
    /// <summary>When somebody took notice of it; null: nobody yet.</summary>
    public long? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    /// <summary>What whoever acknowledged it had to say.</summary>
    public string? Note { get; init; }

    /// <summary>Until when nobody is called because of it; null: it is not silenced now.</summary>
    public long? SilencedUntil { get; init; }

    /// <summary>When the row was written last, by the clock of the store.</summary>
    public long UpdatedAt { get; init; }

    public AlertStatus Status => ClearedAt is not null ? AlertStatus.Cleared
        : AcknowledgedAt is not null ? AlertStatus.Acknowledged
        : AlertStatus.Raised;
}

/// <summary>Where an alert is in its life.</summary>
public enum AlertStatus
{
    /// <summary>Open, and nobody has taken notice of it.</summary>
    Raised = 0,

    /// <summary>Open, and somebody has.</summary>
    Acknowledged,

    Cleared,
}
