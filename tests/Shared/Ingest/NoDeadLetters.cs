using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Tests.Shared;

/// <summary>For tests in which every message is a reading.</summary>
internal sealed class NoDeadLetters : IDeadLetterSink
{
    public Task<FailedDeadLetters?> WriteAsync(IReadOnlyList<DeadLetter> deadLetters, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
