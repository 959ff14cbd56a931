using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Sensors;

/// <summary>A fault that a simulated sensor has until somebody removes the tag <see cref="Tag"/> from its registry entry.</summary>
/// <param name="Since">µs since the epoch.</param>
public readonly record struct LastingFault(LastingFaultKind Kind, long Since)
{
    public const string Tag = "simulated-fault";

    /// <summary>In °C.</summary>
    public const double DriftPerHour = 0.75;

    /// <summary>In °C.</summary>
    public const double MaxDrift = 15;

    private const string Join = " since ";
    private const double Hour = 3600 * EpochTime.MicrosPerSecond;

    /// <returns>The fault that the tag names; none if there is no tag, or one that names no fault.</returns>
    public static LastingFault Of(SensorTags tags) =>
        tags.TryGetValue(Tag, out var text)
        && text.Split(Join) is [var word, var time]
        && Enum.TryParse<LastingFaultKind>(word, ignoreCase: true, out var kind)
        && word.Equals($"{kind}", StringComparison.OrdinalIgnoreCase)
        && EpochTime.TryParse(time, out var since)
            ? new(kind, since)
            : default;

    public bool IsSilentAt(long moment) => Kind == LastingFaultKind.Silent && moment >= Since;

    public bool IsStuckAt(long moment) => Kind == LastingFaultKind.Stuck && moment >= Since;

    /// <returns>What drift has added to the temperature by then, °C.</returns>
    public double DriftAt(long moment) =>
        Kind == LastingFaultKind.Drift && moment > Since ? Math.Min(MaxDrift, DriftPerHour * (moment - Since) / Hour) : 0;

    /// <returns>The value of the tag, such as <c>stuck since 2026-11-24T10:15:00Z</c>.</returns>
    public override string ToString() =>
        Kind == LastingFaultKind.None ? "" : $"{Kind.ToString().ToLowerInvariant()}{Join}{EpochTime.ToIso8601(Since)}";
}

public enum LastingFaultKind
{
    None = 0,

    /// <summary>The sensor sends nothing.</summary>
    Silent,

    /// <summary>The temperature does not change.</summary>
    Stuck,

    /// <summary>The temperature departs from the true one by <see cref="LastingFault.DriftPerHour"/>.</summary>
    Drift,
}
