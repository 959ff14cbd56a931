using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Commits the offsets of quiet partitions again. Of a group that has no members, such as ours, Kafka forgets what was committed
/// offsets.retention.minutes ago, a week by default, also of partitions that are being read.
/// </summary>
/// <remarks>Used by the thread that reads. It commits beside it, which is not held up by a broker that is away.</remarks>
internal sealed partial class OffsetRecommitter(KafkaClients clients, TimeProvider clock, ILogger logger)
{
    /// <summary>A partition is quiet when nothing new was committed for this long.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private Dictionary<TopicPartition, long> _last = [];
    private long _lookedAt = clock.GetTimestamp();

    /// <summary>It is time to look.</summary>
    public bool IsDue => clock.GetElapsedTime(_lookedAt) >= Interval;

    /// <param name="committed">By partition that is read.</param>
    /// <returns>When it is done.</returns>
    public Task CommitQuietAsync(Dictionary<TopicPartition, long> committed)
    {
        _lookedAt = clock.GetTimestamp();
        var quiet = committed.Where(pair => _last.TryGetValue(pair.Key, out var offset) && offset == pair.Value)
            .Select(pair => new TopicPartitionOffset(pair.Key, pair.Value)).ToList();
        _last = committed;
        return quiet.Count == 0 ? Task.CompletedTask : Task.Run(() => Commit(quiet));
    }

    private void Commit(List<TopicPartitionOffset> offsets)
    {
        try
        {
            using var consumer = clients.OffsetReader();
            consumer.Commit(offsets);
        }
        catch (KafkaException e)
        {
            LogNotKept(logger, offsets.Count, clients.Redact(e.Error.Reason));
        }
    }

    [LoggerMessage(6024, LogLevel.Warning, "The offsets of {Partitions} quiet partitions were not committed again, and will be tried in some hours: {Reason}")]
    private static partial void LogNotKept(ILogger logger, int partitions, string reason);
}
