namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>How readings are rejected that are acceptable at some times only.</summary>
/// <param name="StoresRefusals">A refusal outlives the loop.</param>
/// <param name="ByAllTimes">A message that is read again is accepted if it was acceptable at any time since it can have been read.</param>
/// <param name="UntilEnd">
/// Every message up to the end of the log counts as read again; if not, those up to an end that was read before the start was stored.
/// </param>
internal sealed record Judging(bool StoresRefusals = true, bool ByAllTimes = true, bool UntilEnd = true);
