namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The outcome of the requeue of a dead letter.</summary>
public enum RequeueOutcome
{
    /// <summary>The bytes are in the source topic again, and the dead letter and its copies are marked. A dry run writes nothing.</summary>
    Requeued,

    /// <summary>The dead letter was requeued before.</summary>
    AlreadyRequeued,

    /// <summary>There are no bytes to produce, or the source topic does not exist.</summary>
    NotPossible,

    /// <summary>Kafka refused the message. The dead letter is still open.</summary>
    Failed,
}
