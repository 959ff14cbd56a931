using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>Counts the messages of the log that no checkpoint covers.</summary>
public sealed class UnwrittenMessages
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly KafkaClients _clients;
    private readonly ReadTopics _topics;
    private readonly IWindowStore _store;

    internal UnwrittenMessages(KafkaClients clients, ReadTopics topics, IWindowStore store) =>
        (_clients, _topics, _store) = (clients, topics, store);

    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store does not answer.</exception>
    public Task<long> CountAsync(CancellationToken cancellationToken) => KafkaUnavailableException.GuardAsync(_clients.Options, async () =>
    {
        using var admin = _clients.Admin();
        var metadata = await TopicIdentity.MetadataAsync(admin);
        using var reader = _clients.OffsetReader();
        var count = 0L;
        foreach (var (name, topic) in await TopicIdentity.ResolveAsync(admin, metadata, _topics.In(metadata)))
        {
            for (var partition = 0; partition < topic.Partitions; partition++)
            {
                var checkpoint = await _store.ReadCheckpointAsync(new(topic.TopicId, partition), cancellationToken);
                var offsets = reader.QueryWatermarkOffsets(new(name, partition), Timeout);
                count += Math.Max(0, offsets.High.Value - Math.Max(offsets.Low.Value, checkpoint?.NextOffset ?? 0));
            }
        }

        return count;
    });
}
