using System.Text.Json.Serialization;

namespace GrainSensors.Mqtt.Configuration;

/// <summary>A version of MQTT.</summary>
public enum MqttProtocol
{
    /// <summary>MQTT 5: the silos share the messages.</summary>
    [JsonStringEnumMemberName("5")]
    V5,

    /// <summary>MQTT 3.1.1: one silo takes all messages.</summary>
    [JsonStringEnumMemberName("3.1.1")]
    V311,
}
