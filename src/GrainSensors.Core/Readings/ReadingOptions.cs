namespace GrainSensors.Core.Readings;

/// <summary>The range of accepted event times.</summary>
public sealed record ReadingOptions
{
    /// <summary>The first accepted time. A device whose clock was never set reports 1970 or its year of manufacture.</summary>
    public DateTimeOffset Earliest { get; init; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The time by which a device's clock may be ahead of the wall clock.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromHours(1);
}
