using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Tests.Shared;

/// <summary>For tests in which every message is a reading.</summary>
internal sealed class NoDeadLetters : IDeadLetterSink
{
    public Task WriteAsync(DeadLetter letter, CancellationToken cancellationToken) => throw new NotSupportedException();
}
