using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Tests.Shared;

/// <summary>Takes one dead letter at a time.</summary>
internal abstract class SingleDeadLetters : IDeadLetterSink
{
    public async Task<FailedDeadLetters?> WriteAsync(IReadOnlyList<DeadLetter> deadLetters, CancellationToken cancellationToken)
    {
        var (written, failed, reason) = (deadLetters.Select(WriteAsync).ToList(), new List<DeadLetter>(), (Exception?)null);
        for (var i = 0; i < written.Count; i++)
        {
            try
            {
                await written[i];
            }
            catch (Exception e)
            {
                failed.Add(deadLetters[i]);
                reason = e;
            }
        }

        return reason is null ? null : new(failed, reason);
    }

    /// <returns>Completes when the dead letter is durable.</returns>
    protected abstract Task WriteAsync(DeadLetter deadLetter);
}
