using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>The topics that the silos read: the topic of readings, with messages of the contract, and those of the sources.</summary>
internal sealed class ReadTopics(KafkaOptions options, SourceTopics sources, SourceSchemas schemas)
{
    /// <summary>The topic of readings.</summary>
    public string Contract => options.Topic;

    /// <summary>Whether topics of sources are read, too.</summary>
    public bool HasSources => Subscription.Count > 1;

    /// <summary>Names of topics, and regular expressions that begin with <c>^</c>.</summary>
    public IReadOnlyList<string> Subscription => [Contract, .. sources.Names, .. sources.Expressions];

    /// <returns>The source that has the topic; null: the topic of readings.</returns>
    public SourceOptions? SourceOf(string topic) => topic == Contract ? null : sources.Find(topic);

    /// <returns>Reads the messages of a partition of the topic; null: the topic of readings.</returns>
    public SourceReader? ReaderOf(string topic) => SourceOf(topic) is { } source ? new(source, schemas) : null;

    /// <returns>What decides the meaning of the messages of the topic.</returns>
    public MessageMeaning MeaningOf(string topic, IReadOnlyList<Measurement> measurements, DiscoveryRules discovery, long earliest) =>
        MessageMeaning.Of(measurements, discovery, earliest, SourceOf(topic), schemas);

    /// <returns>The topics that exist.</returns>
    public IReadOnlyList<string> In(Metadata metadata) =>
    [
        .. metadata.Topics.Where(KafkaTopicCreation.Exists).Select(topic => topic.Topic)
            .Where(topic => topic == Contract || sources.Find(topic) is not null),
    ];
}
