using GrainSensors.Mqtt.Configuration;
using GrainSensors.Sources.Configuration;

namespace GrainSensors.Mqtt;

/// <summary>The source of the embedded MQTT broker.</summary>
public static class MqttSource
{
    /// <summary>The pattern of the topics that sensors publish to.</summary>
    public const string TopicPattern = "sensors/{sensor}/telemetry";

    /// <summary>Every number of a JSON payload on <see cref="TopicPattern"/> is a value of the sensor that the topic names.</summary>
    public static SourceOptions Default { get; } = new()
    {
        Name = "mqtt",
        Topics = [MqttBrokerOptions.DefaultKafkaTopic],
        Mapping = new() { Topic = TopicPattern, Sensor = "{sensor}", Numbers = "" },
    };
}
