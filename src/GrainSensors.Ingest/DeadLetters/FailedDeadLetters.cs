namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Dead letters that are not durable and must be written again.</summary>
/// <param name="DeadLetters">At least one.</param>
/// <param name="Reason">Why one of them failed.</param>
internal sealed record FailedDeadLetters(IReadOnlyList<DeadLetter> DeadLetters, Exception Reason);
