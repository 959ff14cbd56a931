namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A dead letter, its copies, and whether it was requeued.</summary>
/// <param name="Message">The dead letter in the topic.</param>
/// <param name="Copies">
/// The ids of all dead letters with the same bytes from the same source, including this one: a silo that dies may write a
/// dead letter twice.
/// </param>
/// <param name="Requeued">The requeue marker of one of the copies. Null if the dead letter is open.</param>
public sealed record DeadLetterRecord(DeadLetterMessage Message, IReadOnlyList<DeadLetterId> Copies, RequeueMarker? Requeued);
