using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Api;

/// <summary>An alert as the API and the event stream send it.</summary>
/// <param name="SensorId">Null: the alert is about a group of sensors.</param>
/// <param name="Measurement">The name of the measurement; empty: the alert concerns the sensor as a whole.</param>
/// <param name="Kind">
/// <c>disconnected</c>, <c>extreme</c>, <c>threshold</c>, <c>rate</c>, <c>stuck</c>, <c>expression</c>, <c>missing</c>, <c>window</c>,
/// <c>group</c> or <c>compare</c>.
/// </param>
/// <param name="Level"><c>ERROR</c> or <c>WARNING</c>.</param>
/// <param name="Status"><c>raised</c>, <c>acknowledged</c> or <c>cleared</c>.</param>
/// <param name="ClearedAt">Null: the alert is open.</param>
/// <param name="Occurrences">Number of times the alert was raised, including reopenings.</param>
/// <param name="Value">
/// The value of the reading that last raised the alert, or the statistic of the window; null: a reading is missing. Of a group the number
/// of sensors in alarm.
/// </param>
/// <param name="Expected">The baseline of the sensor; null: the sensor has none yet. Of a group the number of its sensors.</param>
/// <param name="AcknowledgedBy">Name of the access key or of the user; without access keys the name that the request gave.</param>
/// <param name="AcknowledgedFor">The name that the request gave, if it is another one.</param>
/// <param name="SilencedUntil">
/// End of the silence that suppresses notifications; null: the alert is not silenced, or only while the alert of its group is open.
/// </param>
/// <param name="Rule">The id of the rule; <c>disconnected</c> or <c>extreme</c> of a built-in one.</param>
/// <param name="Labels">The labels that the rule gives.</param>
/// <param name="Runbook">The address of instructions; null: the rule has none.</param>
/// <param name="SensorGroup">What the sensors of the alert have in common; null: it is about one sensor.</param>
/// <param name="GroupAlertId">The alert of the group that is notified of in place of this one.</param>
internal sealed record AlertBody(
    Guid AlertId,
    SensorRef? SensorId,
    string Measurement,
    string Kind,
    string Level,
    AlertStatus Status,
    DateTime RaisedAt,
    DateTime LastRaisedAt,
    DateTime? ClearedAt,
    int Occurrences,
    double? Value,
    double? Expected,
    DateTime? LastReadingAt,
    string Message,
    DateTime? AcknowledgedAt,
    string? AcknowledgedBy,
    string? AcknowledgedFor,
    string? Note,
    DateTime? SilencedUntil,
    DateTime UpdatedAt,
    string Rule,
    IReadOnlyDictionary<string, string> Labels,
    string? Runbook,
    IReadOnlyDictionary<string, string>? SensorGroup,
    Guid? GroupAlertId)
{
    public static AlertBody Of(Alert alert) => new(
        alert.Id,
        alert.Group is null ? alert.Sensor : null,
        alert.Measurement,
        alert.Kind.Name(),
        alert.Level.Name(),
        alert.Status,
        EpochTime.ToDateTime(alert.RaisedAt),
        EpochTime.ToDateTime(alert.LastRaisedAt),
        Time(alert.ClearedAt),
        alert.Occurrences,
        Finite(alert.Value),
        Finite(alert.Expected),
        Time(alert.LastReadingAt),
        alert.Message,
        Time(alert.AcknowledgedAt),
        alert.AcknowledgedBy,
        alert.AcknowledgedFor,
        alert.Note,
        alert.SilencedUntil == Alert.Always ? null : Time(alert.SilencedUntil),
        EpochTime.ToDateTime(alert.UpdatedAt),
        alert.Rule,
        alert.Labels,
        alert.Runbook,
        alert.Group,
        alert.GroupAlert);

    private static DateTime? Time(long? micros) => micros is { } at ? EpochTime.ToDateTime(at) : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
