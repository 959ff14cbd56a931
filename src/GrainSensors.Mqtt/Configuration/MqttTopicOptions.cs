namespace GrainSensors.Mqtt.Configuration;

/// <summary>Messages of a broker.</summary>
public sealed record MqttTopicOptions
{
    /// <summary>Topic filter, such as <c>sensors/+/telemetry</c> or <c>zigbee2mqtt/#</c>.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Quality of service: 1, at least once; or 0, at most once.</summary>
    public int Qos { get; init; } = 1;
}
