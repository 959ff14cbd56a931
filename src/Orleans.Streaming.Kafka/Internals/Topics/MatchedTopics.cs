using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Describes the topics that regular expressions of the options match, together with known topics.</summary>
internal sealed class MatchedTopics(KafkaClients clients, ITopicDescriber describer)
{
    /// <summary>Whether the options have a regular expression, so that topics may appear while the provider runs.</summary>
    public bool MayAppear { get; } = clients.Topics.Any(topic => topic.IsPattern);

    /// <returns>The known and the matched topics that exist, by name.</returns>
    public async Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        IReadOnlyCollection<string> known, CancellationToken cancellationToken)
    {
        if (MayAppear)
        {
            var all = await describer.ListAsync(cancellationToken);
            known = [.. known.Union(all.Where(topic => clients.OptionsOf(topic) is { IsMatched: true }))];
        }

        return known.Count > 0
            ? await describer.DescribeAsync(known, cancellationToken)
            : new Dictionary<string, TopicDescription>();
    }
}
