namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Where rejected messages are kept.</summary>
internal interface IDeadLetterSink
{
    /// <returns>When the letter is durable.</returns>
    Task WriteAsync(DeadLetter letter, CancellationToken cancellationToken);
}
