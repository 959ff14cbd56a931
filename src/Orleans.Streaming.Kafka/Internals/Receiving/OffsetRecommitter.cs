using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Commits the offsets of quiet partitions again. Kafka deletes committed offsets of a group without members after
/// offsets.retention.minutes, 7 days by default, and the provider's group never has members.
/// </summary>
/// <remarks>The reading thread uses it. The commits run on another thread, so that a broker outage does not block reading.</remarks>
internal sealed partial class OffsetRecommitter(KafkaClients clients, TimeProvider clock, ILogger logger)
{
    /// <summary>A partition is quiet after this time without a new commit.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private Dictionary<TopicPartition, long> _last = [];
    private long _lastRun = clock.GetTimestamp();

    public bool IsDue => clock.GetElapsedTime(_lastRun) >= Interval;

    /// <param name="committed">The committed offsets of the assigned partitions.</param>
    /// <returns>A task that completes after the commit.</returns>
    public Task CommitQuietAsync(Dictionary<TopicPartition, long> committed)
    {
        _lastRun = clock.GetTimestamp();
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
            LogRecommitFailed(logger, Interval.TotalHours, offsets.Count, clients.Redact(e.Error.Reason));
        }
    }

    [LoggerMessage(6024, LogLevel.Warning,
        "Could not renew the committed offsets of quiet partitions; next attempt in {Hours} h; partitions: {Partitions}: {Reason}")]
    private static partial void LogRecommitFailed(ILogger logger, double hours, int partitions, string reason);
}
