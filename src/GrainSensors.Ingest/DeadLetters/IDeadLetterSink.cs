namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Stores dead letters.</summary>
internal interface IDeadLetterSink
{
    /// <returns>Completes when the dead letter is durable.</returns>
    Task WriteAsync(DeadLetter deadLetter, CancellationToken cancellationToken);
}
