namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Tests of how long something takes run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
