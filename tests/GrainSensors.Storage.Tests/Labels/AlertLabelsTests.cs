using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Storage.Tests.Labels;

public sealed class AlertLabelsTests
{
    private static readonly Alert Extreme = new(
        Guid.Empty, 7, "temperature", AlertKind.Extreme, AlertLevel.Warning, 1, 1, null, 1, 31.5, 21, 1, "Sensor 7: measurement error");

    [Fact]
    public void An_alert_of_a_registered_sensor_has_its_place_and_tags()
    {
        var labels = AlertLabels.Of(
            Extreme,
            new(7, "Valencia", "Viveros") { Tags = SensorTags.Of([new("gateway", "gw1"), new("kind", "probe")]) });
        Assert.Equal(
            [
                "alertname=SensorExtremeValue", "city=Valencia", "gateway=gw1", "kind=extreme", "measurement=temperature", "rule=extreme",
                "sensor_id=7", "severity=warning", "station=Viveros",
            ],
            labels.Select(label => $"{label.Key}={label.Value}"));
    }

    [Fact]
    public void A_label_of_the_rule_gives_way_to_those_of_every_alert_and_goes_before_a_tag()
    {
        var alert = Extreme with
        {
            Kind = AlertKind.Threshold,
            Rule = "warm",
            Labels = SensorTags.Of([new("team", "ops"), new("kind", "heat"), new("gateway", "all")]),
        };
        Assert.Equal(
            [
                "alertname=SensorThreshold", "gateway=all", "kind=threshold", "measurement=temperature", "rule=warm", "sensor_id=7",
                "severity=warning", "team=ops",
            ],
            AlertLabels.Of(alert, new(7) { Tags = SensorTags.Of([new("gateway", "gw1")]) }).Select(label => $"{label.Key}={label.Value}"));
    }

    [Fact]
    public void An_alert_of_an_unregistered_sensor_has_its_own_labels_only()
    {
        var alert = Extreme with
        {
            SensorId = -5,
            SensorName = "Küche",
            Measurement = "",
            Kind = AlertKind.Disconnected,
            Rule = "disconnected",
            Level = AlertLevel.Error,
        };
        Assert.Equal(
            ["alertname=SensorDisconnected", "kind=disconnected", "rule=disconnected", "sensor_id=Küche", "severity=critical"],
            AlertLabels.Of(alert, null).Select(label => $"{label.Key}={label.Value}"));
    }
}
