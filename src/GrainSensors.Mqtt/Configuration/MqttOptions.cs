namespace GrainSensors.Mqtt.Configuration;

/// <summary>The section <c>Mqtt</c>: brokers whose messages the silos bring to Kafka, and the broker of <c>run</c>.</summary>
/// <remarks><see cref="MqttRules"/> checks the values.</remarks>
public sealed record MqttOptions
{
    /// <summary>MQTT brokers.</summary>
    public IReadOnlyList<MqttBrokerOptions> Brokers { get; init; } = [];

    /// <summary>
    /// Port of the MQTT broker of <c>run</c> on loopback; 0 selects a free one. Without it, 1883, or a free one if that is in use.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>The Kafka topics that get messages of MQTT.</summary>
    public IEnumerable<string> KafkaTopics => Brokers.Select(broker => broker.KafkaTopic).Distinct();
}
