using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>A period of several.</summary>
internal sealed record PeriodOptions
{
    /// <summary>
    /// Size of the windows, with a hop or a time zone if they have one: PT15M, PT1H/PT5M, P1D@Europe/Madrid. With a time zone, P1D, P1W,
    /// P1M, P3M or P1Y.
    /// </summary>
    public string Period { get; init; } = "";

    /// <summary>Age at which windows of the period are deleted; without it, the common Retention.</summary>
    [Duration("1d", never: true)]
    public TimeSpan? Retention { get; init; }
}
