namespace GrainSensors.Integration.Tests.Fixtures;

/// <summary>Tests that start <c>run</c> with the port it prefers take turns: of two that find it free at once one cannot listen.</summary>
[CollectionDefinition(Name)]
public sealed class PreferredPort
{
    public const string Name = "preferred port";
}
