using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Storage.Labels;

/// <summary>The labels of alerts, by which routes and silences select them.</summary>
public static class AlertLabels
{
    public const string Name = "alertname";
    public const string Kind = "kind";
    public const string Severity = "severity";
    public const string Sensor = "sensor_id";
    public const string Measurement = "measurement";
    public const string Rule = "rule";
    public const string City = "city";
    public const string Station = "station";

    /// <param name="sensor">The registered sensor of the alert; null: it is not registered.</param>
    /// <returns>
    /// The labels, sorted by name (ordinal). What the sensors of a group have in common, a label of the rule or a tag of the sensor is one
    /// unless a label before it has its name.
    /// </returns>
    public static IReadOnlyDictionary<string, string> Of(Alert alert, RegisteredSensor? sensor)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Name] = NameOf(alert.Kind),
            [Kind] = alert.Kind.Name(),
            [Severity] = SeverityOf(alert.Level),
            [Rule] = alert.Rule,
        };
        Add(Sensor, alert.Group is null ? alert.Sensor.ToString() : null);
        Add(Measurement, alert.Measurement);
        Add(City, sensor?.City);
        Add(Station, sensor?.Station);
        foreach (var (tag, value) in alert.Group ?? SensorTags.None)
        {
            Add(tag, value);
        }

        foreach (var (tag, value) in alert.Labels.Concat(sensor?.Tags ?? SensorTags.None))
        {
            Add(tag, value);
        }

        return labels;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                labels.TryAdd(name, value);
            }
        }
    }

    /// <returns><c>SensorDisconnected</c>, or <c>SensorExtremeValue</c>; a further kind is named like its word.</returns>
    public static string NameOf(AlertKind kind) => kind switch
    {
        AlertKind.Disconnected => "SensorDisconnected",
        AlertKind.Extreme => "SensorExtremeValue",
        _ => $"Sensor{CultureInfo.InvariantCulture.TextInfo.ToTitleCase(kind.Name())}",
    };

    public static string SeverityOf(AlertLevel level) => level == AlertLevel.Error ? "critical" : "warning";
}
