using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Storage.Alerts;

/// <summary>A row of the table <c>alerts</c>. Times in µs since the epoch.</summary>
/// <param name="Id">The id of the alert, see <see cref="AlertId"/>.</param>
/// <param name="Measurement">The name of the measurement; empty for an alert about the sensor itself.</param>
/// <param name="RaisedAt">Time at which the alert was first raised.</param>
/// <param name="LastRaisedAt">Time at which the alert was last raised or reopened.</param>
/// <param name="ClearedAt">Time at which the alert cleared; null for an open alert.</param>
/// <param name="Occurrences">How often the alert was raised, reopenings included.</param>
/// <param name="Value">The value that last raised the alert; NaN if a missing reading raised it.</param>
/// <param name="Expected">The baseline of the sensor; NaN if it is unknown.</param>
/// <param name="LastReadingAt">Time of the last reading before the alert; null if the sensor never reported.</param>
/// <param name="Message">The text of the alert.</param>
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
    /// <summary>The sensor of an alert about a group.</summary>
    public const int NoSensor = -1;

    /// <summary>The last second of the year 9999, µs since the epoch.</summary>
    public const long Always = 253_402_300_799_000_000;

    /// <summary>The id of the rule; of a built-in one the name of its kind.</summary>
    public string Rule { get; init; } = Kind.Name();

    /// <summary>The labels that the rule gives, as they were when the alert was last raised.</summary>
    public SensorTags Labels { get; init; } = SensorTags.None;

    /// <summary>The address of instructions; null: the rule has none.</summary>
    public string? Runbook { get; init; }

    /// <summary>
    /// What the sensors of a group have in common, such as <c>gateway=gw-7</c>; null: the alert is about one sensor. An alert about a group
    /// has the sensor <see cref="NoSensor"/>.
    /// </summary>
    public SensorTags? Group { get; init; }

    /// <summary>The alert of a group that is told in place of this one.</summary>
    public Guid? GroupAlert { get; init; }

    /// <summary>
    /// The alert is not told before, µs since the epoch, by the clock of the store; <see cref="Always"/> while <see cref="GroupAlert"/> is
    /// open. A store that is read sets it.
    /// </summary>
    public long? MutedUntil { get; init; }

    /// <summary>
    /// How long the alert is not told after it is raised, in µs; null: it may be told at once. A store that is written reads it.
    /// </summary>
    public long? MutedFor { get; init; }

    /// <summary>The name of the sensor; null: it has an id. A store that is read sets it.</summary>
    public string? SensorName { get; init; }

    public SensorRef Sensor => new(SensorId, SensorName);

    /// <summary>What the alert is about, as its message begins: <c>Sensor 7</c>, or <c>gateway=gw-7</c>.</summary>
    public string Subject => Group is null ? $"Sensor {Sensor}" : SubjectOf(Group);

    /// <summary>The subject within a sentence: <c>sensor 7</c>.</summary>
    public string SubjectInText => Group is null ? $"sensor {Sensor}" : Subject;

    /// <returns>What an alert about a group is about.</returns>
    public static string SubjectOf(SensorTags group) => group.Count == 0 ? "Group" : group.ToString();

    /// <summary>Time of the acknowledgement; null for an alert that is not acknowledged.</summary>
    public long? AcknowledgedAt { get; init; }

    /// <summary>The name of the access key or of the user who acknowledged the alert.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>The name that the acknowledgement gave, if it is another one; nobody has checked it.</summary>
    public string? AcknowledgedFor { get; init; }

    /// <summary>The note of the acknowledgement.</summary>
    public string? Note { get; init; }

    /// <summary>
    /// The latest end of the active silences that match the alert, and of <see cref="MutedUntil"/>; null if there is none. A store that is
    /// read sets it.
    /// </summary>
    public long? SilencedUntil { get; init; }

    /// <summary>Time of the last write of the row, by the clock of the store.</summary>
    public long UpdatedAt { get; init; }

    public AlertState State => new(RaisedAt, LastRaisedAt, ClearedAt ?? RaisedAt, Occurrences, ClearedAt is null);

    public AlertStatus Status => ClearedAt is not null ? AlertStatus.Cleared
        : AcknowledgedAt is not null ? AlertStatus.Acknowledged
        : AlertStatus.Raised;
}

/// <summary>The status of an alert.</summary>
public enum AlertStatus
{
    /// <summary>Open and not acknowledged.</summary>
    Raised = 0,

    /// <summary>Open and acknowledged.</summary>
    Acknowledged,

    Cleared,
}
