using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Orleans.Configuration;

namespace Orleans.Streaming.Kafka;

/// <summary>Creates topics and waits until brokers report them.</summary>
/// <param name="admin">The client that sends the requests.</param>
/// <param name="requestTimeout">How long Kafka may take to answer a request.</param>
/// <param name="clock">The clock of the wait.</param>
public sealed class KafkaTopicCreation(IAdminClient admin, TimeSpan requestTimeout, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>The specification of a topic for Kafka.</summary>
    /// <param name="topic">The name of the topic, and its partitions, replication factor and retention.</param>
    /// <returns>The specification.</returns>
    public static TopicSpecification Specification(KafkaTopicOptions topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return new()
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = (short)topic.ReplicationFactor,
            Configs = RetentionMs(topic.Retention) is { } retention ? new() { ["retention.ms"] = retention } : null,
        };
    }

    /// <summary>The value of Kafka's <c>retention.ms</c>.</summary>
    /// <param name="retention">The retention of a topic; null means the broker's default.</param>
    /// <returns>Milliseconds; <c>-1</c> for unlimited retention; null for the broker's default.</returns>
    public static string? RetentionMs(TimeSpan? retention) => retention is not { } given ? null
        : given == Timeout.InfiniteTimeSpan ? "-1"
        : ((long)Math.Ceiling(given.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether the metadata describes an existing topic.</summary>
    /// <param name="topic">The metadata of the topic.</param>
    /// <returns>False for a missing topic and for a topic that a broker is still creating.</returns>
    public static bool Exists(TopicMetadata topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic.Error.Code == Confluent.Kafka.ErrorCode.NoError && topic.Partitions.Count > 0;
    }

    /// <summary>Creates topics. A topic that another process creates concurrently counts as created.</summary>
    /// <param name="topics">The topics to create.</param>
    /// <returns>The errors of the other topics, by name.</returns>
    public async Task<IReadOnlyDictionary<string, Error>> CreateAsync(IReadOnlyCollection<TopicSpecification> topics)
    {
        try
        {
            await admin.CreateTopicsAsync(topics, new() { RequestTimeout = requestTimeout });
            return new Dictionary<string, Error>();
        }
        catch (CreateTopicsException e)
        {
            return e.Results.Where(result => !IsSuccess(result.Error))
                .ToDictionary(result => result.Topic, result => result.Error);
        }
        catch (KafkaException e)
        {
            // The request got no response, or one response for all topics.
            return topics.ToDictionary(topic => topic.Name, _ => e.Error);
        }
    }

    /// <summary>
    /// Waits until brokers report topics. The request for a topic by name makes a broker with <c>auto.create.topics.enable</c> create
    /// it.
    /// </summary>
    /// <param name="topics">The names of the topics.</param>
    /// <param name="timeout">How long to wait for the last of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The partitions of each topic, and the errors of the last requests.</returns>
    public async Task<KafkaTopicsFound> WaitAsync(
        IReadOnlyCollection<string> topics, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var started = clock.GetTimestamp();
        var partitions = new Dictionary<string, int>();
        while (true)
        {
            var missing = topics.Where(topic => !partitions.ContainsKey(topic)).ToList();
            var failure = await Task.Run(() => Find(missing, partitions), cancellationToken);
            if (partitions.Count == topics.Count || clock.GetElapsedTime(started) >= timeout)
            {
                return new(partitions, failure);
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private static bool IsSuccess(Error error) =>
        error.Code is Confluent.Kafka.ErrorCode.NoError or Confluent.Kafka.ErrorCode.TopicAlreadyExists;

    private KafkaException? Find(List<string> topics, Dictionary<string, int> partitions)
    {
        KafkaException? failure = null;
        foreach (var topic in topics)
        {
            try
            {
                if (admin.GetMetadata(topic, requestTimeout).Topics.Find(found => found.Topic == topic && Exists(found)) is { } found)
                {
                    partitions.Add(topic, found.Partitions.Count);
                }
            }
            catch (KafkaException e)
            {
                failure = e;
            }
        }

        return failure;
    }
}

/// <summary>The topics that brokers have reported.</summary>
/// <param name="Partitions">The number of partitions of each existing topic, by name.</param>
/// <param name="Failure">The error of a request in the last round; null if brokers answered all requests.</param>
public sealed record KafkaTopicsFound(IReadOnlyDictionary<string, int> Partitions, KafkaException? Failure);
