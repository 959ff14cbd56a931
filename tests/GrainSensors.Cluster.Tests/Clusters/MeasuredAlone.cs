namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Tests that measure the memory of the process, in which no other test may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
