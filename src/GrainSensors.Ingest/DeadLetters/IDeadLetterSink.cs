namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Stores dead letters.</summary>
internal interface IDeadLetterSink
{
    /// <returns>Completes when each dead letter is durable or has failed. Those that failed; null if all are durable.</returns>
    /// <exception cref="Exception">It is not known which of them are durable.</exception>
    Task<FailedDeadLetters?> WriteAsync(IReadOnlyList<DeadLetter> deadLetters, CancellationToken cancellationToken);
}
