using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Creates the topics that are missing, or finds out whether it goes without.</summary>
/// <param name="servers">For texts.</param>
/// <param name="requestTimeout">How long Kafka may take for the answer.</param>
/// <param name="settleTimeout">How long a topic may take to be seen, once it was created by whomever.</param>
internal sealed partial class TopicCreation(
    IAdminClient admin, string servers, TopicPlan plan, TimeSpan requestTimeout, TimeSpan settleTimeout, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <exception cref="KafkaUnavailableException">The readings' topic is not there, or the options are refused.</exception>
    public async Task CreateAsync(IReadOnlyList<TopicSpecification> topics)
    {
        var failures = await TryCreateAsync(topics);
        foreach (var (topic, error) in failures)
        {
            if (TopicPlan.IsRefusal(error))
            {
                throw new KafkaUnavailableException(
                    $"Kafka at \"{servers}\" refuses to create the topic \"{topic}\" with {plan.Describe()}: {Reason(error)}; "
                    + $"change Partitions, ReplicationFactor or TopicRetention in {KafkaOptions.Section}, or create the topic yourself.");
            }
        }

        var absent = await AskForAsync(topics);
        foreach (var topic in absent.Where(failures.ContainsKey))
        {
            var reason = Reason(failures[topic]);
            if (topic == plan.Essential)
            {
                throw new KafkaUnavailableException(
                    $"Kafka at \"{servers}\" has no topic \"{topic}\" and does not create it ({reason}); "
                    + $"create it with {plan.Describe()}, or allow this user to create topics.");
            }

            LogMissing(logger, topic, reason, plan.Describe());
        }
    }

    /// <summary>
    /// Asks for each topic by name, which makes a broker create it that is set up to (<c>auto.create.topics.enable</c>),
    /// and gives them time to be seen: what follows asks for their partitions.
    /// </summary>
    /// <returns>Those that are not there.</returns>
    public async Task<IReadOnlyList<string>> AskForAsync(IReadOnlyList<TopicSpecification> topics)
    {
        var absent = topics.Select(topic => topic.Name).ToList();
        var started = clock.GetTimestamp();
        while (true)
        {
            absent = await Task.Run(() => absent.FindAll(topic => !IsPresent(topic)));
            if (absent.Count == 0 || clock.GetElapsedTime(started) >= settleTimeout)
            {
                return absent;
            }

            await Task.Delay(LookInterval, clock);
        }
    }

    /// <returns>Why topics were not created; one that another process has created meanwhile is none of them.</returns>
    private async Task<Dictionary<string, Error>> TryCreateAsync(IReadOnlyList<TopicSpecification> topics)
    {
        try
        {
            await admin.CreateTopicsAsync(topics, new() { RequestTimeout = requestTimeout });
            return [];
        }
        catch (CreateTopicsException e)
        {
            return e.Results.Where(result => result.Error.Code is not (ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
                .ToDictionary(result => result.Topic, result => result.Error);
        }
        catch (KafkaException e)
        {
            // No answer, or one for all of them.
            return topics.ToDictionary(topic => topic.Name, _ => e.Error);
        }
    }

    private bool IsPresent(string topic) => admin.GetMetadata(topic, requestTimeout).Topics.Exists(found => found.Topic == topic && TopicPlan.IsPresent(found));

    /// <summary>Whole sentences of the broker become parts of ours.</summary>
    private static string Reason(Error error) => error.Reason.TrimEnd('.');

    [LoggerMessage(1210, LogLevel.Warning, "There is no topic \"{Topic}\", and Kafka does not create it ({Reason}). What is meant for it waits: create it with {Specification}.")]
    private static partial void LogMissing(ILogger logger, string topic, string reason, string specification);
}
