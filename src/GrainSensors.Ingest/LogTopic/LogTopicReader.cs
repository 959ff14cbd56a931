using System.Runtime.CompilerServices;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.LogTopic;

/// <summary>Follows the log topic, without a part in any group.</summary>
public sealed class LogTopicReader(KafkaOptions options)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>A line of it, and when it was written.</summary>
    public readonly record struct Line(DateTimeOffset At, LogMessage Message);

    /// <param name="since">From the first message at or after; null: from what comes now.</param>
    /// <param name="follow">False: what is in it now, and then an end.</param>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no such topic.</exception>
    public async IAsyncEnumerable<Line> ReadAsync(DateTimeOffset? since, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var consumer = clients.LogReader($"{options.GroupId}-logs");
        var ends = await KafkaUnavailableException.GuardAsync(options, () => Task.Run(() => Begin(clients, consumer, since), cancellationToken));
        try
        {
            while (!cancellationToken.IsCancellationRequested && (follow || ends.Count > 0))
            {
                var record = await Task.Run(() => KafkaUnavailableException.Guard(options, () => consumer.Consume(Poll)), CancellationToken.None);
                if (record is null)
                {
                    continue;
                }

                if (record.IsPartitionEOF || (ends.TryGetValue(record.Partition, out var end) && record.Offset >= end - 1))
                {
                    ends.Remove(record.Partition);
                }

                // Where the broker cannot look a time up it begins with the first message.
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

    /// <summary>Producers set it, and may set it to anything.</summary>
    private static DateTimeOffset WrittenAt(Timestamp timestamp) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(timestamp.UnixTimestampMs, 0, (EpochTime.Max / 1000) - 1));

    /// <returns>By partition where it ends now; those that are empty are left out.</returns>
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
        if (since is { } moment)
        {
            var found = consumer.OffsetsForTimes(partitions.Select(at => new TopicPartitionTimestamp(at, new(moment.UtcDateTime))), Timeout);

            // The embedded broker says of every time that it is yet to come.
            starts = starts.ConvertAll(start => found.Find(at => at.TopicPartition == start.TopicPartition) is { Offset: { IsSpecial: false } offset } ? new(start.TopicPartition, offset) : start);
        }

        consumer.Assign(starts);
        return watermarks.Where(at => at.Value.High > at.Value.Low).ToDictionary(at => at.Key.Partition, at => at.Value.High.Value);
    }
}
