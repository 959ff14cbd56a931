namespace GrainSensors.Sources.Messages;

/// <summary>A message as it came: everything from which its readings follow.</summary>
/// <param name="value">The payload.</param>
public readonly ref struct SourceMessage(ReadOnlySpan<byte> value)
{
    /// <summary>Stands for a time that is not known.</summary>
    public const long NoTime = long.MinValue;

    /// <summary>The header with the topic of a message that came by MQTT.</summary>
    public const string MqttTopicHeader = "mqtt.topic";

    /// <summary>The header with the unit of the times in line protocol: <c>s</c>, <c>ms</c>, <c>us</c> or <c>ns</c>.</summary>
    public const string PrecisionHeader = "influx.precision";

    public ReadOnlySpan<byte> Value { get; } = value;

    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>The name of the Kafka topic in UTF-8.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The timestamp that Kafka keeps, µs since the epoch.</summary>
    public long Timestamp { get; init; } = NoTime;

    /// <summary>Null: the message has none.</summary>
    public IMessageHeaders? Headers { get; init; }

    /// <returns>The value of the last header of this name; empty without one.</returns>
    public ReadOnlySpan<byte> Header(string name) => Headers is null ? default : Headers.Find(name);

    /// <summary>The topic that the device published to: that of MQTT, if the message has one, else that of Kafka.</summary>
    public ReadOnlySpan<byte> DeviceTopic => Header(MqttTopicHeader) is { IsEmpty: false } topic ? topic : Topic;
}
