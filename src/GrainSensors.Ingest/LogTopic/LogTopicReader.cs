using System.Runtime.CompilerServices;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.LogTopic;

/// <summary>Reads the log topic without joining a consumer group.</summary>
/// <param name="options">The connection and the name of the topic.</param>
public sealed class LogTopicReader(KafkaOptions options)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>A message and the time when it was written.</summary>
    /// <param name="At">Kafka's timestamp.</param>
    /// <param name="Message">The message.</param>
    public readonly record struct Line(DateTimeOffset At, LogMessage Message);

    /// <summary>Reads the messages of the topic. Other records are skipped.</summary>
    /// <param name="since">The time of the first message. Null for new messages only.</param>
    /// <param name="follow">Waits for new messages. Otherwise the enumeration ends with the present content.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or does not have the topic.</exception>
    public async IAsyncEnumerable<Line> ReadAsync(
        DateTimeOffset? since, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var consumer = clients.LogReader($"{options.GroupId}-logs");
        var ends = await KafkaUnavailableException.GuardAsync(
            options, () => Task.Run(() => Begin(clients, consumer, since), cancellationToken));
        try
        {
            while (!cancellationToken.IsCancellationRequested && (follow || ends.Count > 0))
            {
                var record = await Task.Run(
                    () => KafkaUnavailableException.Guard(options, () => consumer.Consume(Poll)), CancellationToken.None);
                if (record is null)
                {
                    continue;
                }

                if (record.IsPartitionEOF || (ends.TryGetValue(record.Partition, out var end) && record.Offset >= end - 1))
                {
                    ends.Remove(record.Partition);
                }

                // A broker that cannot find offsets by time returns the first message, so the time is compared here too.
                var at = record.IsPartitionEOF ? default : WrittenAt(record.Message.Timestamp);
                if (!record.IsPartitionEOF && (since is null || at >= since.Value)
                    && record.Message.Value is { } value && LogMessage.Parse(value) is { } message)
                {
                    yield return new(at, message);
                }
            }
        }
        finally
        {
            consumer.Close();
        }
    }

    /// <summary>The timestamp of a message. Producers can set any value, so it is limited to valid times.</summary>
    private static DateTimeOffset WrittenAt(Timestamp timestamp) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(timestamp.UnixTimestampMs, 0, (EpochTime.Max / 1000) - 1));

    /// <summary>Assigns the partitions to the consumer.</summary>
    /// <returns>The present end of each partition that is not empty.</returns>
    private Dictionary<Partition, long> Begin(KafkaClients clients, IConsumer<Ignore, byte[]?> consumer, DateTimeOffset? since)
    {
        using var admin = clients.Admin();
        var topic = admin.GetMetadata(Timeout).Topics.Find(topic => topic.Topic == options.LogTopic);
        if (topic is null || topic.Partitions.Count == 0)
        {
            throw KafkaUnavailableException.OfMissingTopic(options, options.LogTopic, nameof(KafkaOptions.LogTopic));
        }

        var partitions = topic.Partitions.ConvertAll(partition => new TopicPartition(options.LogTopic, partition.PartitionId));
        var watermarks = partitions.ToDictionary(at => at, at => consumer.QueryWatermarkOffsets(at, Timeout));
        var starts = partitions.ConvertAll(at => new TopicPartitionOffset(at, since is null ? watermarks[at].High : watermarks[at].Low));
        if (since is { } time)
        {
            var found = consumer.OffsetsForTimes(
                partitions.Select(at => new TopicPartitionTimestamp(at, new(time.UtcDateTime))), Timeout);

            // The embedded broker returns the special offset End for every time.
            starts = starts.ConvertAll(start =>
                found.Find(at => at.TopicPartition == start.TopicPartition) is { Offset: { IsSpecial: false } offset }
                    ? new(start.TopicPartition, offset)
                    : start);
        }

        consumer.Assign(starts);
        return watermarks.Where(at => at.Value.High > at.Value.Low).ToDictionary(at => at.Key.Partition, at => at.Value.High.Value);
    }
}
