namespace GrainSensors.Mqtt.Configuration;

/// <summary>What a broker is told of alerts.</summary>
public sealed record MqttAlertOptions
{
    /// <summary>Stands for the sensor in <see cref="Topic"/>.</summary>
    public const string Sensor = "{sensor_id}";

    /// <summary>
    /// Topic of the alerts of a sensor, such as <c>sensors/{sensor_id}/alert</c>; without it, the broker is told of none.
    /// </summary>
    public string? Topic { get; init; }

    /// <summary>Whether Home Assistant is told of each sensor that has an alert, so that it shows the sensor as a device.</summary>
    public bool HomeAssistant { get; init; }

    /// <summary>First levels of the topics of Home Assistant's discovery.</summary>
    public string HomeAssistantPrefix { get; init; } = "homeassistant";
}
