using System.Buffers.Binary;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Describes topics by Kafka's admin API. Brokers without it, such as test brokers, report partitions and no ids.</summary>
internal sealed partial class TopicDescriber(KafkaClients clients, ILogger logger) : ITopicDescriber
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A broker that describes topics answers the first request well within this time.</summary>
    private static readonly TimeSpan FirstTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Whether the broker describes topics; null until the first answer.</summary>
    private bool? _describes;

    public async Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var admin = clients.Admin();
        return [.. (await GetAllAsync(admin, cancellationToken)).Select(topic => topic.Topic)];
    }

    public async Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        // An older client may hang after an outage, so each request has its own.
        using var admin = clients.Admin();
        if (topics.Count > 0 && _describes is not false)
        {
            try
            {
                var described = await DescribeAsync(admin, topics, _describes is null ? FirstTimeout : RequestTimeout);
                _describes = true;
                return described;
            }
            catch (KafkaException e) when (_describes is null)
            {
                _describes = false;
                LogNotDescribed(logger, clients.Provider, clients.Redact(e.Error.Reason));
            }
        }

        return (await GetAllAsync(admin, cancellationToken)).Where(topic => topics.Contains(topic.Topic))
            .ToDictionary(topic => topic.Topic, topic => new TopicDescription(topic.Partitions.Count, null));
    }

    /// <summary>Gets all topics: unlike a request for some of them, this one creates none.</summary>
    private static async Task<IEnumerable<TopicMetadata>> GetAllAsync(IAdminClient admin, CancellationToken cancellationToken) =>
        (await Task.Run(() => admin.GetMetadata(RequestTimeout), cancellationToken)).Topics.Where(KafkaTopicCreation.Exists);

    private static async Task<IReadOnlyDictionary<string, TopicDescription>> DescribeAsync(
        IAdminClient admin, IReadOnlyCollection<string> topics, TimeSpan timeout)
    {
        List<Confluent.Kafka.Admin.TopicDescription> found;
        try
        {
            var result = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(topics), new() { RequestTimeout = timeout });
            found = result.TopicDescriptions;
        }
        catch (DescribeTopicsException e)
        {
            // At least one topic is missing.
            found = e.Results.TopicDescriptions;
        }

        return found.Where(topic => !topic.Error.IsError)
            .ToDictionary(topic => topic.Name, topic => new TopicDescription(topic.Partitions.Count, IdOf(topic.TopicId)));
    }

    private static Guid? IdOf(Uuid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id.MostSignificantBits);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.LeastSignificantBits);
        var result = new Guid(bytes, bigEndian: true);
        return result == default ? null : result;
    }

    [LoggerMessage(6091, LogLevel.Information,
        "The broker of the stream provider \"{Provider}\" does not describe topics ({Reason}). "
        + "The provider cannot notice a topic that is deleted and created again while it runs")]
    private static partial void LogNotDescribed(ILogger logger, string provider, string reason);
}
