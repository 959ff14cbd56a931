using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>The latest dead letters, read from Kafka on each request.</summary>
internal sealed class LatestDeadLetters(IOptions<KafkaOptions> kafka)
{
    /// <param name="count">Maximum number of dead letters.</param>
    /// <returns>The dead letters, newest first.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka is unavailable, or the topic does not exist.</exception>
    public async Task<IReadOnlyList<DeadLetterRecord>> ReadAsync(int count, CancellationToken cancellationToken)
    {
        using var topic = await DeadLetterTopic.OpenAsync(kafka.Value);
        return await Task.Run(() => topic.ReadLatest(count, cancellationToken), cancellationToken);
    }
}
