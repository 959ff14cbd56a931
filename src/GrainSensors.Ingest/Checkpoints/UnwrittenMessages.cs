using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>Counts the messages of the log that no checkpoint covers.</summary>
public sealed class UnwrittenMessages
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly KafkaClients _clients;
    private readonly IWindowStore _store;

    internal UnwrittenMessages(KafkaClients clients, IWindowStore store) => (_clients, _store) = (clients, store);

    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store does not answer.</exception>
    public Task<long> CountAsync(CancellationToken cancellationToken) => KafkaUnavailableException.GuardAsync(_clients.Options, async () =>
    {
        using var admin = _clients.Admin();
        var topic = await TopicIdentity.ResolveAsync(admin, _clients.Options.Topic);
        using var reader = _clients.OffsetReader();
        var count = 0L;
        for (var partition = 0; partition < topic.Partitions; partition++)
        {
            var checkpoint = await _store.ReadCheckpointAsync(new(topic.TopicId, partition), cancellationToken);
            var offsets = reader.QueryWatermarkOffsets(new(_clients.Options.Topic, partition), Timeout);
            count += Math.Max(0, offsets.High.Value - Math.Max(offsets.Low.Value, checkpoint?.NextOffset ?? 0));
        }

        return count;
    });
}
