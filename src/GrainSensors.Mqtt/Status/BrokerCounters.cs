namespace GrainSensors.Mqtt.Status;

/// <summary>What this silo has done for a broker since its start.</summary>
internal sealed class BrokerCounters
{
    private long _received;
    private long _acknowledged;
    private long _refused;
    private long _dropped;
    private long _waiting;
    private int _sessions;
    private int _connected;

    /// <summary>Why the last connection ended or was refused; null: the connections are fine.</summary>
    public string? Trouble { get; set; }

    public void Received()
    {
        Interlocked.Increment(ref _received);
        Interlocked.Increment(ref _waiting);
    }

    /// <summary>Kafka has the message, or it was refused, and the broker knows.</summary>
    public void Acknowledged()
    {
        Interlocked.Increment(ref _acknowledged);
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>The message is left to the broker, which sends it again.</summary>
    public void Returned() => Interlocked.Decrement(ref _waiting);

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Dropped() => Interlocked.Increment(ref _dropped);

    public void Owns(int sessions) => Volatile.Write(ref _sessions, sessions);

    public void Connected() => Interlocked.Increment(ref _connected);

    public void Disconnected() => Interlocked.Decrement(ref _connected);

    public MqttBrokerStatus Read(string name, string address) => new(
        name,
        address,
        Volatile.Read(ref _sessions),
        Volatile.Read(ref _connected),
        Interlocked.Read(ref _received),
        Interlocked.Read(ref _acknowledged),
        Interlocked.Read(ref _waiting),
        Interlocked.Read(ref _refused),
        Interlocked.Read(ref _dropped),
        Trouble);
}
