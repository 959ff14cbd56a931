using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Commits where the group starts to read a topic that it has no offsets of: once in the life of the group, at the start of the provider
/// and for all partitions. A partition without an offset was then added later, and so was a matched topic without offsets.
/// </summary>
internal sealed partial class GroupStart(KafkaClients clients, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Retries up to <see cref="Orleans.Configuration.KafkaStreamOptions.StartTimeout"/>.</summary>
    /// <exception cref="KafkaStreamException">Kafka does not commit the offsets.</exception>
    public async Task CommitAsync(IEnumerable<StreamTopic> topics, CancellationToken cancellationToken)
    {
        var read = topics.Where(topic => !topic.Options.ProduceOnly).ToList();
        if (read.Count == 0)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(clients.Options.StartTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        Exception? last = null;
        try
        {
            await RetryPolicy.ExecuteAsync(
                token => Task.Run(() => Commit(read), token),
                e =>
                {
                    last = e;
                    LogNotCommitted(logger, clients.Group, clients.Redact(e.Message));
                },
                clock,
                stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KafkaStreamException(
                $"Kafka at \"{clients.Options.BootstrapServers}\" did not commit the start offsets of the group \"{clients.Group}\" "
                + $"within {clients.Options.StartTimeout}: {clients.Redact(last?.Message ?? "no answer")}");
        }
    }

    /// <summary>The start of a partition.</summary>
    /// <param name="atTime">The first offset at or after the start time; negative if there is none.</param>
    internal static long StartOf(KafkaStartPosition position, WatermarkOffsets ends, long atTime) => position switch
    {
        KafkaStartPosition.Earliest => ends.Low,
        KafkaStartPosition.Timestamp when atTime >= 0 => atTime,
        _ => ends.High,
    };

    private bool Commit(List<StreamTopic> topics)
    {
        using var consumer = clients.OffsetReader();
        var missing = WithoutOffsets(consumer, topics);
        if (missing.Count < topics.Count)
        {
            // The group has begun. Its silos read topics that a regular expression matches now from their beginning.
            missing.RemoveAll(topic => topic.Options.IsMatched);
        }

        if (missing.Count == 0)
        {
            return true;
        }

        // Another silo may start at the same time. The second look comes after the search, so that no start is later than that of
        // a silo that runs already.
        var starts = StartsOf(consumer, [.. missing.SelectMany(PartitionsOf)]);
        var stillMissing = WithoutOffsets(consumer, missing).Select(topic => topic.Name).ToHashSet();
        var commits = starts.Where(start => stillMissing.Contains(start.Topic)).ToList();
        if (commits.Count > 0)
        {
            consumer.Commit(commits);
            LogCommitted(logger, clients.Group, clients.Options.StartPosition, string.Join(", ", stillMissing));
        }

        return true;
    }

    private static IEnumerable<TopicPartition> PartitionsOf(StreamTopic topic) =>
        Enumerable.Range(0, topic.Partitions).Select(partition => new TopicPartition(topic.Name, partition));

    /// <returns>The topics of which the group has no offset at all.</returns>
    private static List<StreamTopic> WithoutOffsets(IConsumer<Ignore, Ignore> consumer, List<StreamTopic> topics)
    {
        var committed = consumer.Committed(topics.SelectMany(PartitionsOf), RequestTimeout)
            .Where(partition => partition.Offset >= 0).Select(partition => partition.Topic).ToHashSet();
        return topics.FindAll(topic => !committed.Contains(topic.Name));
    }

    private List<TopicPartitionOffset> StartsOf(IConsumer<Ignore, Ignore> consumer, List<TopicPartition> partitions)
    {
        var (position, time) = (clients.Options.StartPosition, clients.Options.StartTimestamp);
        var atTime = position == KafkaStartPosition.Timestamp && time is { } start
            ? consumer.OffsetsForTimes(
                partitions.Select(partition => new TopicPartitionTimestamp(partition, new Timestamp(start))), RequestTimeout)
                .ToDictionary(found => found.TopicPartition, found => found.Offset.Value)
            : [];
        return partitions.ConvertAll(partition => new TopicPartitionOffset(
            partition,
            StartOf(position, consumer.QueryWatermarkOffsets(partition, RequestTimeout), atTime.GetValueOrDefault(partition, -1))));
    }

    [LoggerMessage(6053, LogLevel.Information,
        "Consumer group {Group} reads for the first time, from the position {Position}: {Topics}")]
    private static partial void LogCommitted(ILogger logger, string group, KafkaStartPosition position, string topics);

    [LoggerMessage(6054, LogLevel.Warning, "Could not commit the start offsets of the consumer group {Group}; retrying: {Reason}")]
    private static partial void LogNotCommitted(ILogger logger, string group, string reason);
}
