using System.Collections.Concurrent;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>
/// Describes the topics of an embedded broker, which gives them no ids and cannot add partitions. Tests hide partitions at first.
/// </summary>
internal sealed class EmbeddedTopics(string servers) : ITopicDescriber
{
    private readonly ConcurrentDictionary<string, Guid> _ids = new();

    /// <summary>Partitions above this number are not there yet.</summary>
    public int MaxPartitions { get; set; } = int.MaxValue;

    public async Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await GetAllAsync(cancellationToken)).Select(topic => topic.Topic)];

    public async Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        (await GetAllAsync(cancellationToken)).Where(topic => topics.Contains(topic.Topic)).ToDictionary(
            topic => topic.Topic,
            topic => new TopicDescription(
                Math.Min(topic.Partitions.Count, MaxPartitions), _ids.GetOrAdd(topic.Topic, _ => Guid.NewGuid())));

    private Task<List<TopicMetadata>> GetAllAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
            return admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics;
        },
        cancellationToken);
}
