namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The bytes that a dead letter is requeued with, in place of its own.</summary>
public sealed record DeadLetterEdit(DeadLetterId Id, byte[] Value);
