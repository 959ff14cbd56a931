namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>How readings are rejected that are acceptable at some times only.</summary>
/// <param name="StoresRefusals">A refusal outlives the loop.</param>
/// <param name="ByAllTimes">A message that is read again is accepted if it was acceptable at any time since it can have been read.</param>
internal sealed record Judging(bool StoresRefusals = true, bool ByAllTimes = true);
