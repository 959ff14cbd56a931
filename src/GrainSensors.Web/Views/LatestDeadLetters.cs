using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>The newest dead letters. Who asks waits for Kafka; nothing is kept.</summary>
internal sealed class LatestDeadLetters(IOptions<KafkaOptions> kafka)
{
    /// <param name="count">At most so many.</param>
    /// <returns>The newest first.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no such topic.</exception>
    public async Task<IReadOnlyList<DeadLetterMessage>> ReadAsync(int count, CancellationToken cancellationToken)
    {
        using var topic = await DeadLetterTopic.OpenAsync(kafka.Value);
        return await Task.Run(() => topic.ReadLatest(count, cancellationToken), cancellationToken);
    }

    /// <returns>Null: there is no such letter any more.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no such topic.</exception>
    public async Task<DeadLetterMessage?> FindAsync(DeadLetterId id, CancellationToken cancellationToken)
    {
        using var topic = await DeadLetterTopic.OpenAsync(kafka.Value);
        return await Task.Run(() => topic.Find(id, cancellationToken), cancellationToken);
    }
}
