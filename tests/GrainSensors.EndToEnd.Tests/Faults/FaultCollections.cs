namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>The fault tests that may run beside each other: each of these collections has a cluster of three silos.</summary>
internal static class FaultCollections
{
    public const string Silos = "faults of silos";

    public const string Servers = "faults of servers";
}
