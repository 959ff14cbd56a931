namespace GrainSensors.Mqtt.Sessions;

/// <summary>How fast silos notice each other, and how patient they are.</summary>
internal sealed record BridgeTimings
{
    /// <summary>A silo that has not renewed its lease for this long is taken for dead.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Interval at which silos renew their leases and share the slots.</summary>
    public TimeSpan Renewal { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The wait before a connection that has ended is opened again; after failures it grows to 5 s.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A broker that sends nothing for this long has sent what it retains, or what was left of a session.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(3);
}
