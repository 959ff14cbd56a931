namespace GrainSensors.Core.Alerts;

/// <summary>The rule by which a sensor is disconnected, and its defaults. Times are in µs.</summary>
public sealed record DisconnectionRule
{
    /// <summary>30 seconds, in µs.</summary>
    public const long DefaultTimeout = 30_000_000;

    /// <summary>5 minutes, in µs.</summary>
    public const long DefaultCoolDown = 300_000_000;

    /// <summary>False: no alert is raised. The other members keep their further uses.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>A sensor without a reading for longer is disconnected.</summary>
    public long Timeout { get; init; } = DefaultTimeout;

    /// <summary>The time after its clearing within which an alert reopens.</summary>
    public long CoolDown { get; init; } = DefaultCoolDown;
}
