namespace GrainSensors.Core.Readings;

/// <summary>How many sensors may have names. A broken device that sends another name each time must not fill the table.</summary>
public sealed record SensorNameLimits
{
    /// <summary>The new names in a minute, for each silo.</summary>
    public int NewPerMinute { get; init; } = 100_000;

    /// <summary>All names. What other silos have added since the last count, 10 s ago at most, may exceed it.</summary>
    public int Max { get; init; } = 1_000_000;

    /// <summary>Whether new names get numbers at all.</summary>
    public bool IsOpen { get; init; } = true;
}
