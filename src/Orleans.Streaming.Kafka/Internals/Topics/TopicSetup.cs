using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Finds the topics of a provider in Kafka, and creates those that are missing.</summary>
internal sealed partial class TopicSetup(KafkaClients clients, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(5);

    private KafkaStreamOptions Options => clients.Options;

    /// <summary>May wait for as long as Kafka may take to answer at a start; not at all where nothing is read and nothing to be created.</summary>
    /// <exception cref="KafkaStreamException">Kafka does not answer, or a topic that is to be read is not there.</exception>
    public async Task<TopicMap> FindAsync(CancellationToken cancellationToken)
    {
        var topics = clients.Topics;
        var needed = topics.Where(topic => !topic.ProduceOnly).Select(topic => topic.Name).ToList();
        if (needed.Count > 0 && Options.FailurePolicy == KafkaFailurePolicy.DeadLetter)
        {
            needed.Add(clients.DeadLetterTopic);
        }

        var produced = topics.Where(topic => topic.ProduceOnly).Select(topic => topic.Name).ToList();
        var partitions = needed.Count > 0 || Options.CreateTopics ? await FindAsync(needed, produced, cancellationToken) : [];
        return new(clients.Provider, topics.Select(topic => new StreamTopic(topic, partitions.GetValueOrDefault(topic.Name))));
    }

    /// <param name="produced">Are created, but may be missing for now.</param>
    /// <returns>The partitions of those that are needed.</returns>
    private async Task<Dictionary<string, int>> FindAsync(List<string> needed, List<string> produced, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var admin = clients.Admin();
        var failures = new Dictionary<string, string>();
        if (Options.CreateTopics)
        {
            var missing = await MissingAsync(admin, [.. needed, .. produced], cancellationToken);
            if (missing.Count > 0)
            {
                failures = await CreateAsync(admin, missing.ConvertAll(name => Specification(clients.Topics, name)), Left(started));
            }

            foreach (var topic in produced.Where(failures.ContainsKey))
            {
                LogNotCreated(logger, topic, failures[topic]);
            }
        }

        while (true)
        {
            string? silence = null;
            var found = await Task.Run(() => needed.ToDictionary(name => name, name => PartitionsOf(admin, name, ref silence)), cancellationToken);
            var absent = found.Where(topic => topic.Value == 0).Select(topic => topic.Key).ToList();
            if (absent.Count == 0)
            {
                return found;
            }

            if (clock.GetElapsedTime(started) >= Options.StartTimeout)
            {
                if (silence is not null)
                {
                    throw NoAnswer(silence);
                }

                throw new KafkaStreamException(
                    $"Kafka at \"{Options.BootstrapServers}\" has no topic \"{absent[0]}\""
                    + (failures.TryGetValue(absent[0], out var reason) ? $" and does not create it ({reason})" : "")
                    + $"; create it, or change the Topics of the stream provider \"{clients.Provider}\".");
            }

            await Task.Delay(LookInterval, clock, cancellationToken);
        }
    }

    private async Task<List<string>> MissingAsync(IAdminClient admin, List<string> wanted, CancellationToken cancellationToken)
    {
        try
        {
            var metadata = await Task.Run(() => admin.GetMetadata(Options.StartTimeout), cancellationToken);
            return wanted.FindAll(name => !metadata.Topics.Exists(topic => topic.Topic == name && topic.Partitions.Count > 0));
        }
        catch (KafkaException e)
        {
            throw NoAnswer(e.Error.Reason);
        }
    }

    /// <returns>Why some were not created; one that another process has created meanwhile is none of them.</returns>
    private async Task<Dictionary<string, string>> CreateAsync(IAdminClient admin, List<TopicSpecification> topics, TimeSpan timeout)
    {
        try
        {
            await admin.CreateTopicsAsync(topics, new() { RequestTimeout = timeout < LongestRequest ? timeout : LongestRequest });
            LogCreated(logger, string.Join(", ", topics.Select(topic => topic.Name)));
            return [];
        }
        catch (CreateTopicsException e)
        {
            return e.Results.Where(result => result.Error.Code is not (Confluent.Kafka.ErrorCode.NoError or Confluent.Kafka.ErrorCode.TopicAlreadyExists))
                .ToDictionary(result => result.Topic, result => Reason(result.Error));
        }
        catch (KafkaException e)
        {
            // No answer, or one for all of them.
            return topics.ToDictionary(topic => topic.Name, _ => Reason(e.Error));
        }
    }

    private static TopicSpecification Specification(IReadOnlyList<KafkaTopicOptions> topics, string name)
    {
        // The dead letters have what the first of the topics has.
        var options = topics.FirstOrDefault(topic => topic.Name == name) ?? topics[0];
        return new()
        {
            Name = name,
            NumPartitions = options.Partitions,
            ReplicationFactor = (short)options.ReplicationFactor,
            Configs = options.Retention is { } retention
                ? new() { ["retention.ms"] = retention == Timeout.InfiniteTimeSpan ? "-1" : ((long)retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) }
                : null,
        };
    }

    /// <summary>Asking for a topic by its name makes a broker create it that is set up to.</summary>
    /// <param name="silence">Why there was no answer, where there was none.</param>
    private static int PartitionsOf(IAdminClient admin, string topic, ref string? silence)
    {
        try
        {
            var found = admin.GetMetadata(topic, LongestRequest).Topics.Find(found => found.Topic == topic);
            return found is { Error.IsError: false } ? found.Partitions.Count : 0;
        }
        catch (KafkaException e)
        {
            silence = e.Error.Reason;
            return 0;
        }
    }

    private KafkaStreamException NoAnswer(string reason) => new(
        $"Kafka at \"{Options.BootstrapServers}\" did not answer the stream provider \"{clients.Provider}\" within {Options.StartTimeout}: {clients.Redact(reason)}");

    private TimeSpan Left(long started) => Options.StartTimeout - clock.GetElapsedTime(started) is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);

    private string Reason(Error error) => clients.Redact(error.Reason).TrimEnd('.');

    [LoggerMessage(6081, LogLevel.Information, "Created the Kafka topics {Topics}")]
    private static partial void LogCreated(ILogger logger, string topics);

    [LoggerMessage(6082, LogLevel.Warning, "There is no topic \"{Topic}\", and Kafka does not create it ({Reason}); events that are produced to it fail until there is")]
    private static partial void LogNotCreated(ILogger logger, string topic, string reason);
}
