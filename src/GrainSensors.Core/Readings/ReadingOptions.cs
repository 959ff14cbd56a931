namespace GrainSensors.Core.Readings;

/// <summary>Which event times can be true.</summary>
public sealed class ReadingOptions
{
    /// <summary>The first moment accepted. A device whose clock was never set reports 1970 or its year of manufacture.</summary>
    public DateTimeOffset Earliest { get; set; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far a device's clock may be ahead of the wall clock.</summary>
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromHours(1);
}
