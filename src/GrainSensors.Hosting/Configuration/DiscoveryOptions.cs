using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Discovery</c>: measurements that readings have and nobody declared.</summary>
/// <remarks>A section of its own: <c>Measurements</c> is a list, whose entries configuration cannot tell from further keys.</remarks>
internal sealed record DiscoveryOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Discovery";

    private static readonly DiscoveryRules Default = new();

    /// <summary>Whether each number or boolean of a reading is a measurement.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Patterns of names, with * and ?; without any, all names.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of names that are no measurements, such as seq* or uptime.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Values of a reading, with a place for each declared measurement; further ones are left out.</summary>
    [Number(1, DiscoveryRules.MostPerReading)]
    public int MaxPerReading { get; init; } = Default.MaxPerReading;

    /// <summary>Discovered measurements in the store; values of further ones are left out.</summary>
    [Number(0, 10_000)]
    public int Max { get; init; } = Default.Max;

    /// <summary>Whether windows keep a sketch of the values of discovered measurements, from which percentiles are read.</summary>
    public bool Sketch { get; init; }

    public DiscoveryRules ToRules() => new()
    {
        IsEnabled = Enabled,
        Include = Include.Count == 0 ? Default.Include : [.. Include],
        Exclude = [.. Exclude],
        MaxPerReading = MaxPerReading,
        Max = Max,
        HasSketches = Sketch,
    };
}
