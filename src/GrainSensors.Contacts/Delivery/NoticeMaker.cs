using GrainSensors.Contacts.Messages;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Labels;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Contacts.Delivery;

/// <summary>Writes notices of alerts, with what the registry knows of their sensors.</summary>
internal sealed class NoticeMaker(ISensorRegistry registry, DeliverySettings settings)
{
    /// <returns>The registered ones of the alerts' sensors, by their ids and numbers.</returns>
    public async Task<IReadOnlyDictionary<int, RegisteredSensor>> PlacesAsync(
        IEnumerable<Alert> alerts, CancellationToken cancellationToken) =>
        (await registry.FindAsync([.. alerts.Select(alert => alert.SensorId).Distinct()], cancellationToken))
            .ToDictionary(sensor => sensor.SensorId);

    /// <param name="alert">The alert as it is; it may have cleared since it was raised.</param>
    public Notice Of(Alert alert, NotificationEvent happened, RegisteredSensor? place)
    {
        var isCleared = happened == NotificationEvent.Cleared;
        return new()
        {
            Event = happened,
            AlertId = alert.Id,
            Occurrence = alert.Occurrences,
            SensorId = alert.Group is null ? $"{alert.Sensor}" : null,
            SensorGroup = alert.Group,
            DisplayName = place?.DisplayName,
            City = place?.City,
            Station = place?.Station,
            Tags = place?.Tags ?? new Dictionary<string, string>() as IReadOnlyDictionary<string, string>,
            Measurement = alert.Measurement.Length == 0 ? null : alert.Measurement,
            Kind = alert.Kind.Name(),
            Rule = alert.Kind.IsBuiltIn(alert.Rule) ? null : alert.Rule,
            Runbook = alert.Runbook,
            Labels = alert.Labels.Count == 0 ? null : alert.Labels,
            AlertLabels = AlertLabels.Of(alert, place),
            Level = alert.Level.Name(),
            Message = isCleared || alert.ClearedAt is null ? alert.Message : RaisedMessage(alert),
            RaisedAt = EpochTime.ToDateTime(alert.LastRaisedAt),
            ClearedAt = isCleared && alert.ClearedAt is { } cleared ? EpochTime.ToDateTime(cleared) : null,
            Value = double.IsFinite(alert.Value) ? alert.Value : null,
            Expected = double.IsFinite(alert.Expected) ? alert.Expected : null,
            Url = alert.Group is null ? LinkTo(alert.Sensor) : AlertsUrl,
        };
    }

    /// <summary>A notice of no alert, for tests of contact points.</summary>
    public Notice Test(DateTimeOffset now) => new()
    {
        Event = NotificationEvent.Raised,
        AlertId = Guid.CreateVersion7(now),
        Occurrence = 1,
        SensorId = "test",
        City = "Valencia",
        Station = "Test",
        Kind = AlertKind.Disconnected.Name(),
        Level = AlertLevel.Warning.Name(),
        Message = "Test message of GrainSensors",
        RaisedAt = EpochTime.ToDateTime(EpochTime.From(now)),
        Url = settings.PublicUrl is { } url ? $"{url}/" : null,
        IsTest = true,
    };

    /// <summary>The page of all alerts; null: the public address of the console is not configured.</summary>
    public string? AlertsUrl => settings.PublicUrl is { } url ? $"{url}/alerts" : null;

    private string? LinkTo(SensorRef sensor) => settings.PublicUrl is not { } url ? null
        : sensor.Name is { } name ? $"{url}/sensors/named?sensor={Uri.EscapeDataString(name)}"
        : $"{url}/sensors/{sensor}";

    /// <summary>The row of an alert that has cleared already has the message of its clearing.</summary>
    private static string RaisedMessage(Alert alert) => alert.Kind switch
    {
        AlertKind.Disconnected when alert.Kind.IsBuiltIn(alert.Rule) => $"{alert.Subject}: disconnected",
        AlertKind.Disconnected => $"{alert.Subject}: disconnected, rule {alert.Rule}",
        AlertKind.Extreme => $"{alert.Subject}: measurement error, {alert.Measurement}",
        AlertKind.Missing => $"{alert.Subject}: missing readings, rule {alert.Rule}",
        AlertKind.Group => $"{alert.Subject}: sensors in alarm, rule {alert.Rule}",
        _ => $"{alert.Subject}: {alert.Measurement}, rule {alert.Rule}",
    };
}
