using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Creates the missing topics of the pipeline, or decides whether it can run without them.</summary>
/// <param name="servers">The bootstrap servers, for messages.</param>
/// <param name="requestTimeout">How long Kafka may take to answer a request.</param>
/// <param name="settleTimeout">How long brokers may take to report a new topic.</param>
internal sealed partial class TopicCreation(
    IAdminClient admin, string servers, TopicPlan plan, TimeSpan requestTimeout, TimeSpan settleTimeout, TimeProvider clock, ILogger logger)
{
    private readonly KafkaTopicCreation _creation = new(admin, requestTimeout, clock);

    /// <exception cref="KafkaUnavailableException">The topic of readings is missing, or Kafka refuses the options.</exception>
    public async Task CreateAsync(IReadOnlyList<TopicSpecification> topics)
    {
        var failures = await _creation.CreateAsync(topics);
        foreach (var (topic, error) in failures)
        {
            if (TopicPlan.IsRefusal(error))
            {
                throw new KafkaUnavailableException(
                    $"Kafka at \"{servers}\" refused to create the topic \"{topic}\" with {plan.Describe(topic)}: {Reason(error)}; "
                    + $"change Partitions, ReplicationFactor or TopicRetention in {KafkaOptions.Section}, or create the topic yourself.");
            }
        }

        var absent = await WaitAsync(topics);
        foreach (var topic in absent.Where(failures.ContainsKey))
        {
            var reason = Reason(failures[topic]);
            if (topic == plan.Essential)
            {
                throw new KafkaUnavailableException(
                    $"Kafka at \"{servers}\" has no topic \"{topic}\" and refused to create it ({reason}); "
                    + $"create it with {plan.Describe(topic)}, or allow this user to create topics.");
            }

            LogMissing(logger, topic, reason, plan.Describe(topic));
        }
    }

    /// <summary>Waits until brokers report the topics, because the pipeline asks for their partitions next.</summary>
    /// <returns>The topics that are still missing.</returns>
    /// <exception cref="KafkaException">Kafka did not answer the last request.</exception>
    public async Task<IReadOnlyList<string>> WaitAsync(IReadOnlyList<TopicSpecification> topics)
    {
        var names = topics.Select(topic => topic.Name).ToList();
        var found = await _creation.WaitAsync(names, settleTimeout);
        return found.Failure is { } failure ? throw failure : names.FindAll(topic => !found.Partitions.ContainsKey(topic));
    }

    /// <summary>The broker's sentence as a part of another one.</summary>
    private static string Reason(Error error) => error.Reason.TrimEnd('.');

    [LoggerMessage(1210, LogLevel.Warning,
        "Topic \"{Topic}\" is missing, and Kafka refused to create it ({Reason}). Messages for it wait; create it with {Specification}.")]
    private static partial void LogMissing(ILogger logger, string topic, string reason, string specification);
}
