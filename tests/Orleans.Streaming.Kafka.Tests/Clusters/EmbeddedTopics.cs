using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>
/// Describes the topics of an embedded broker, which gives them no ids and cannot add partitions. Tests hide partitions at first, and
/// give topics other ids.
/// </summary>
internal sealed class EmbeddedTopics(string servers) : ITopicDescriber
{
    private readonly Guid _id = Guid.NewGuid();

    /// <summary>Partitions above this number are not there yet.</summary>
    public int MaxPartitions { get; set; } = int.MaxValue;

    public Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => Task.Run<IReadOnlyDictionary<string, TopicDescription>>(
        () =>
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
            return admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Where(topic => topics.Contains(topic.Topic)).ToDictionary(
                topic => topic.Topic, topic => new TopicDescription(Math.Min(topic.Partitions.Count, MaxPartitions), _id));
        },
        cancellationToken);
}
