using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Finds the topics of a provider in Kafka and creates the missing ones.</summary>
internal sealed partial class TopicSetup(
    KafkaClients clients, ITopicDescriber describer, IKafkaStreamMapper? mapper, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan MaxRequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MinRequestTimeout = TimeSpan.FromSeconds(1);

    private KafkaStreamOptions Options => clients.Options;

    /// <summary>
    /// Waits up to <see cref="KafkaStreamOptions.StartTimeout"/>. A provider that reads and creates nothing does not wait at all.
    /// </summary>
    /// <exception cref="KafkaStreamException">Kafka does not answer, or a topic that silos read is missing.</exception>
    public async Task<TopicMap> FindAsync(CancellationToken cancellationToken)
    {
        var topics = clients.Topics.Where(topic => !topic.IsPattern).ToList();
        var needed = topics.Where(topic => !topic.ProduceOnly).Select(topic => topic.Name).ToList();
        needed.AddRange(clients.DeadLetterTopics);
        var produced = topics.Where(topic => topic.ProduceOnly).Select(topic => topic.Name).ToList();
        var partitions = needed.Count > 0 || Options.CreateTopics
            ? await FindAsync(needed, produced, cancellationToken)
            : new Dictionary<string, int>();
        var read = topics.Where(topic => !topic.ProduceOnly).Select(topic => topic.Name).ToList();
        var described = await DescribeAsync(read, cancellationToken);
        topics.AddRange(described.Keys.Except(read).Select(topic => clients.OptionsOf(topic)!));
        return new(
            clients.Provider,
            topics.Select(topic => described.TryGetValue(topic.Name, out var description)
                ? new StreamTopic(topic, description.Partitions, description.Id)
                : new StreamTopic(topic, partitions.GetValueOrDefault(topic.Name))),
            mapper);
    }

    /// <returns>The listed topics that silos read, and those that a regular expression matches.</returns>
    private async Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        List<string> listed, CancellationToken cancellationToken)
    {
        try
        {
            return await new MatchedTopics(clients, describer).DescribeAsync(listed, cancellationToken);
        }
        catch (KafkaException e)
        {
            throw NoAnswer(e);
        }
    }

    /// <param name="produced">Topics that are created, but may be missing for now.</param>
    /// <returns>The partitions of the needed topics.</returns>
    private async Task<IReadOnlyDictionary<string, int>> FindAsync(
        List<string> needed, List<string> produced, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var admin = clients.Admin();
        IReadOnlyDictionary<string, Error> failures = new Dictionary<string, Error>();
        if (Options.CreateTopics)
        {
            failures = await CreateMissingAsync(admin, [.. needed, .. produced], started, cancellationToken);
            foreach (var topic in produced.Where(failures.ContainsKey))
            {
                LogNotCreated(logger, topic, Reason(failures[topic]));
            }
        }

        var found = await Creation(admin, MaxRequestTimeout).WaitAsync(needed, Left(started), cancellationToken);
        if (needed.Find(topic => !found.Partitions.ContainsKey(topic)) is not { } absent)
        {
            return found.Partitions;
        }

        throw found.Failure is { } failure ? NoAnswer(failure) : new KafkaStreamException(
            $"Kafka at \"{Options.BootstrapServers}\" has no topic \"{absent}\""
            + (failures.TryGetValue(absent, out var error) ? $" and refused to create it ({Reason(error)})" : "")
            + $"; create it, or change the Topics of the stream provider \"{clients.Provider}\".");
    }

    private async Task<IReadOnlyDictionary<string, Error>> CreateMissingAsync(
        IAdminClient admin, List<string> topics, long started, CancellationToken cancellationToken)
    {
        Confluent.Kafka.Metadata metadata;
        try
        {
            metadata = await Task.Run(() => admin.GetMetadata(Options.StartTimeout), cancellationToken);
        }
        catch (KafkaException e)
        {
            throw NoAnswer(e);
        }

        var missing = topics.FindAll(name => !metadata.Topics.Exists(topic => topic.Topic == name && KafkaTopicCreation.Exists(topic)));
        if (missing.Count == 0)
        {
            return new Dictionary<string, Error>();
        }

        var left = Left(started);
        var failures = await Creation(admin, left < MaxRequestTimeout ? left : MaxRequestTimeout)
            .CreateAsync(missing.ConvertAll(name => KafkaTopicCreation.Specification(OptionsOf(name))));
        if (missing.Exists(topic => !failures.ContainsKey(topic)))
        {
            LogCreated(logger, string.Join(", ", missing.Where(topic => !failures.ContainsKey(topic))));
        }

        return failures;
    }

    /// <summary>The topic of dead letters has the settings of the first topic.</summary>
    private KafkaTopicOptions OptionsOf(string topic)
    {
        var options = clients.Topics.FirstOrDefault(candidate => candidate.Name == topic) ?? clients.Topics[0];
        return new()
        {
            Name = topic,
            Partitions = options.Partitions,
            ReplicationFactor = options.ReplicationFactor,
            Retention = options.Retention,
        };
    }

    private KafkaTopicCreation Creation(IAdminClient admin, TimeSpan requestTimeout) => new(admin, requestTimeout, clock);

    private KafkaStreamException NoAnswer(KafkaException e) => new(
        $"Kafka at \"{Options.BootstrapServers}\" did not answer the stream provider \"{clients.Provider}\" "
        + $"within {Options.StartTimeout}: {clients.Redact(e.Error.Reason)}");

    private TimeSpan Left(long started) =>
        Options.StartTimeout - clock.GetElapsedTime(started) is var left && left > MinRequestTimeout ? left : MinRequestTimeout;

    /// <summary>The broker's sentence as a part of another one.</summary>
    private string Reason(Error error) => clients.Redact(error.Reason).TrimEnd('.');

    [LoggerMessage(6081, LogLevel.Information, "Created the Kafka topics {Topics}")]
    private static partial void LogCreated(ILogger logger, string topics);

    [LoggerMessage(6082, LogLevel.Warning,
        "Topic \"{Topic}\" is missing, and Kafka refused to create it ({Reason}); events for it fail until it exists")]
    private static partial void LogNotCreated(ILogger logger, string topic, string reason);
}
