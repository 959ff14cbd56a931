namespace GrainSensors.Mqtt.Connections;

/// <summary>A broker cannot be reached, refuses something, or has ended a connection. The text has no secret.</summary>
public sealed class MqttBridgeException : Exception
{
    public MqttBridgeException()
    {
    }

    public MqttBridgeException(string message)
        : base(message)
    {
    }

    public MqttBridgeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
