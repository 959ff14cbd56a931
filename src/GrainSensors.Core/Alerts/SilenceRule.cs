namespace GrainSensors.Core.Alerts;

/// <summary>When a sensor counts as disconnected. All times in µs.</summary>
public sealed record SilenceRule
{
    /// <summary>Without a reading for longer than this.</summary>
    public long Timeout { get; init; } = 30_000_000;

    /// <summary>Raised again within this after it cleared, the alert reopens.</summary>
    public long CoolDown { get; init; } = 300_000_000;
}
