using System.Globalization;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>What an <see cref="AlertChange"/> says, to people and in the table. The words <c>disconnected</c> and <c>measurement error</c> are those of the old pipeline.</summary>
internal sealed class AlertTexts(MeasurementSet measurements)
{
    /// <returns>−1: it is about the sensor as such, or a measurement that is no longer configured.</returns>
    public int IndexOf(string measurement) => measurement.Length == 0 ? AlertChange.WholeSensor : measurements.IndexOf(measurement);

    public (AlertEvent Event, Alert Row) Of(in AlertChange change)
    {
        var measurement = change.Measurement < 0 ? "" : measurements[change.Measurement].Name;
        var id = AlertId.Of(change.SensorId, measurement, change.Kind, change.RaisedAt);
        long? lastReadingAt = change.LastReadingAt == SensorWatch.Never ? null : change.LastReadingAt;
        var message = Message(change, measurement);
        var happened = new AlertEvent(
            id, change.SensorId, measurement, change.Kind, change.Transition, change.RaisedAt, change.At, change.Value, change.Expected, lastReadingAt,
            change.Occurrences, message);
        var isCleared = change.Transition == AlertTransition.Cleared;
        var row = new Alert(
            id, change.SensorId, measurement, change.Kind, AlertNames.LevelOf(change.Kind), change.RaisedAt, isCleared ? change.RaisedAt : change.At,
            isCleared ? change.At : null, change.Occurrences, change.Value, change.Expected, lastReadingAt, message);
        return (happened, row);
    }

    private static string Message(in AlertChange change, string measurement)
    {
        var culture = CultureInfo.InvariantCulture;
        return (change.Kind, change.Transition) switch
        {
            (_, AlertTransition.Cleared) when double.IsNaN(change.Value) => $"Sensor {change.SensorId}: no longer registered",
            (AlertKind.Disconnected, AlertTransition.Cleared) => $"Sensor {change.SensorId}: connected again",
            (AlertKind.Disconnected, _) => $"Sensor {change.SensorId}: disconnected",
            (_, AlertTransition.Cleared) => string.Create(culture, $"Sensor {change.SensorId}: {measurement} is usual again, {change.Value:0.##}"),
            _ when double.IsNaN(change.Expected) => string.Create(culture, $"Sensor {change.SensorId}: measurement error, {measurement} {change.Value:0.##}"),
            _ => string.Create(culture, $"Sensor {change.SensorId}: measurement error, {measurement} {change.Value:0.##}, usually {change.Expected:0.##}"),
        };
    }
}
