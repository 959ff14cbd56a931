using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A dead letter and the outcome of its requeue.</summary>
/// <param name="Record">The dead letter.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Key">The message key that the bytes are produced with. Null if they have none.</param>
/// <param name="Why">Why the dead letter was not requeued, as a clause that follows "it", such as "was truncated …".</param>
public sealed record RequeuedDeadLetter(DeadLetterRecord Record, RequeueOutcome Outcome, string? Key, string? Why)
{
    /// <summary>Why the pipeline will reject the message again. <see cref="RejectReason.None"/> if it will accept it.</summary>
    public RejectReason Rejected { get; init; }

    /// <summary>The id of the dead letter.</summary>
    public DeadLetterId Id => Record.Message.Id;
}
