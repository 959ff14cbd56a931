namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A letter, and what the rest of the topic says about it.</summary>
/// <param name="Copies">The ids of all letters with the same bytes from the same place, this one among them: a silo that dies may write a letter twice.</param>
/// <param name="Requeued">When one of the copies was requeued; null: the letter is open.</param>
public sealed record DeadLetterRecord(DeadLetterMessage Letter, IReadOnlyList<DeadLetterId> Copies, RequeueMark? Requeued);
