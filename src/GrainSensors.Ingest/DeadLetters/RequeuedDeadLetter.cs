namespace GrainSensors.Ingest.DeadLetters;

/// <summary>What a requeue did with a letter.</summary>
public enum RequeueOutcome
{
    /// <summary>Its bytes are in the source topic again, and it is marked, with its copies. In a dry run: they would be.</summary>
    Requeued,

    /// <summary>It was before.</summary>
    AlreadyRequeued,

    /// <summary>There is no such reading to produce, or no topic to produce it to.</summary>
    NotPossible,

    /// <summary>Kafka did not take it; it is still open.</summary>
    Failed,
}

/// <summary>A letter and what a requeue did with it.</summary>
/// <param name="Key">With which the bytes go to the topic; null: with none.</param>
/// <param name="Why">If it was not requeued, a clause about "it", such as "was truncated …".</param>
public sealed record RequeuedDeadLetter(DeadLetterRecord Filed, RequeueOutcome Outcome, string? Key, string? Why)
{
    public DeadLetterId Id => Filed.Letter.Id;
}
