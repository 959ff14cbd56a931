using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:SensorNames</c>: sensors that have a name instead of an integer id.</summary>
internal sealed record SensorNameOptions
{
    public const string Section = $"{ConfigurationSections.Root}:SensorNames";

    private static readonly SensorNameLimits Default = new();

    /// <summary>New names in a minute, for each silo; readings of further ones become dead letters.</summary>
    [Number(0, int.MaxValue)]
    public int MaxNew { get; init; } = Default.NewPerMinute;

    /// <summary>Names in the store; readings of further ones become dead letters.</summary>
    [Number(0, int.MaxValue)]
    public int Max { get; init; } = Default.Max;

    /// <summary>With <c>closed</c> readings of new names become dead letters.</summary>
    public SensorRegistration Registration { get; init; } = SensorRegistration.Open;

    public SensorNameLimits ToLimits() => new() { NewPerMinute = MaxNew, Max = Max, IsOpen = Registration == SensorRegistration.Open };
}
