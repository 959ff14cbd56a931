using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>Orleans</c>, as in every Orleans application; Orleans reads other keys of it.</summary>
internal sealed record ClusterIdentityOptions
{
    public const string Section = "Orleans";

    private const string Name = "^[\\s\\S]{1,150}$";

    /// <summary>Silos with the same id form a cluster.</summary>
    [Text(Name, "a name of 1 to 150 characters")]
    public string ClusterId { get; init; } = "grainsensors";

    /// <summary>Owner of grain state and reminders; stays the same when the cluster changes.</summary>
    [Text(Name, "a name of 1 to 150 characters")]
    public string ServiceId { get; init; } = "grainsensors";
}
