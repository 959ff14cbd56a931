using System.Globalization;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>Converts an <see cref="AlertChange"/> to the event for people and to the row of the alerts table.</summary>
/// <remarks>The words <c>disconnected</c> and <c>measurement error</c> are a contract: readers of the log topic search for them.</remarks>
internal sealed class AlertTexts(MeasurementSet measurements)
{
    /// <summary>The rules as data that are in force.</summary>
    public CompiledRules Rules { get; set; } = CompiledRules.None;

    /// <returns>
    /// The index of the measurement; <see cref="AlertChange.WholeSensor"/>, or <see cref="RuleKey.NotConfigured"/> for one of the past.
    /// </returns>
    public int IndexOf(string measurement) => measurement.Length == 0 ? AlertChange.WholeSensor
        : measurements.IndexOf(measurement) is >= 0 and var index ? index
        : RuleKey.NotConfigured;

    public (AlertEvent Event, Alert Row) Of(in AlertChange change)
    {
        var measurement = change.FormerMeasurement ?? (change.Measurement < 0 ? "" : measurements[change.Measurement].Name);
        var id = AlertId.Of(change.SensorId, measurement, change.Kind, change.RaisedAt, change.Rule?.Id ?? "");
        var (rule, level) = (change.Rule?.Id ?? change.Kind.Name(), change.Rule?.Level ?? AlertNames.LevelOf(change.Kind));
        var known = Rules.Find(rule);
        long? lastReadingAt = change.LastReadingAt == SensorWatch.Never ? null : change.LastReadingAt;
        var message = Message(change, measurement);
        var happened = new AlertEvent(
            id,
            change.SensorId,
            measurement,
            change.Kind,
            change.Transition,
            change.RaisedAt,
            change.At,
            change.Value,
            change.Expected,
            lastReadingAt,
            change.Occurrences,
            message)
        {
            Rule = rule,
            Severity = level,
        };
        var isCleared = change.Transition == AlertTransition.Cleared;
        var row = new Alert(
            id,
            change.SensorId,
            measurement,
            change.Kind,
            level,
            change.RaisedAt,
            change.LastRaisedAt,
            isCleared ? change.At : null,
            change.Occurrences,
            change.Value,
            change.Expected,
            lastReadingAt,
            message)
        {
            Rule = rule,
            Labels = known?.Labels ?? SensorTags.None,
            Runbook = known?.Runbook,
            MutedFor = !isCleared && Rules.WaitOf(rule, change.SensorId) is > 0 and var wait ? wait : null,
        };
        return (happened, row);
    }

    /// <summary>The event and the row of a sensor that has a name.</summary>
    public static (AlertEvent Event, Alert Row) Named((AlertEvent Event, Alert Row) alert, string name)
    {
        var message = $"Sensor {name}{alert.Row.Message[alert.Row.Message.IndexOf(':', StringComparison.Ordinal)..]}";
        return (alert.Event with { SensorName = name, Message = message }, alert.Row with { SensorName = name, Message = message });
    }

    private string Message(in AlertChange change, string measurement)
    {
        var sensor = $"Sensor {change.SensorId}";
        var value = string.Create(CultureInfo.InvariantCulture, $"{change.Value:0.##}");
        var expected = string.Create(CultureInfo.InvariantCulture, $"{change.Expected:0.##}");
        return (change.Kind, change.Transition) switch
        {
            (var kind, AlertTransition.Cleared) when change.IsRuleGone =>
                $"{sensor}: rule {change.Rule?.Id ?? kind.Name()} no longer applies",
            (_, AlertTransition.Cleared) when double.IsNaN(change.Value) => $"{sensor}: removed",
            (AlertKind.Disconnected, AlertTransition.Cleared) when change.Rule is { } rule => $"{sensor}: connected again, rule {rule.Id}",
            (AlertKind.Disconnected, AlertTransition.Cleared) => $"{sensor}: connected again",
            (AlertKind.Disconnected, _) when change.Rule is null => $"{sensor}: disconnected",
            (AlertKind.Missing or AlertKind.Window, AlertTransition.Cleared) =>
                $"{sensor}: rule {change.Rule?.Id} cleared, {Rules.Found(change, measurement)}",
            (_, AlertTransition.Cleared) when change.Rule is { } rule => $"{sensor}: rule {rule.Id} cleared, {measurement} {value}",
            _ when change.Rule is { } rule => $"{sensor}: {Rules.Text(change, rule, measurement)}",
            (_, AlertTransition.Cleared) => $"{sensor}: {measurement} back to normal, {value}",
            _ when double.IsNaN(change.Expected) => $"{sensor}: measurement error, {measurement} {value}",
            _ => $"{sensor}: measurement error, {measurement} {value}, expected about {expected}",
        };
    }
}
