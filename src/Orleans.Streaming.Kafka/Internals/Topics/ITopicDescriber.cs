namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Describes topics as they are in Kafka now.</summary>
internal interface ITopicDescriber
{
    /// <returns>The names of all topics.</returns>
    Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken);

    /// <returns>The existing topics by name.</returns>
    Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        IReadOnlyCollection<string> topics, CancellationToken cancellationToken);
}

/// <param name="Partitions">Number of partitions.</param>
/// <param name="Id">Kafka's id of the topic; null if the broker has none.</param>
internal readonly record struct TopicDescription(int Partitions, Guid? Id);
