using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Identifies a topic: a deleted and recreated topic of the same name has another identity.</summary>
/// <param name="TopicId">See <see cref="Core.Windows.SourceId.TopicId"/>.</param>
internal sealed record TopicIdentity(Guid TopicId, int Partitions)
{
    /// <summary>Start of the topic name in which an embedded broker publishes its GUID.</summary>
    public const string EmbeddedPrefix = "__grainsensors.broker.";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Kafka gives each topic a UUID when it is created. Brokers before 2.8 have no topic ids, so the id is derived from the cluster's
    /// id. The embedded broker publishes a GUID of its own in the name of a topic.
    /// </summary>
    /// <exception cref="KafkaException">The broker does not answer, or the topic is missing.</exception>
    public static async Task<TopicIdentity> ResolveAsync(IAdminClient admin, string topic) =>
        (await ResolveAsync(admin, await MetadataAsync(admin), [topic]))[topic];

    /// <returns>The identities of the topics by name.</returns>
    /// <exception cref="KafkaException">The broker does not answer, or a topic is missing.</exception>
    public static async Task<IReadOnlyDictionary<string, TopicIdentity>> ResolveAsync(
        IAdminClient admin, Metadata metadata, IReadOnlyList<string> topics)
    {
        if (topics.FirstOrDefault(topic => PartitionsOf(metadata, topic) == 0) is { } missing)
        {
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"The topic \"{missing}\" does not exist."));
        }

        if (EmbeddedIdentity(metadata) is { } identity)
        {
            return topics.ToDictionary(topic => topic, topic => new TopicIdentity(Hash(identity, topic), PartitionsOf(metadata, topic)));
        }

        var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(topics), new() { RequestTimeout = Timeout });
        var ids = described.TopicDescriptions.ToDictionary(topic => topic.Name, topic => ToGuid(topic.TopicId));
        var cluster = ids.ContainsValue(Guid.Empty) ? await admin.DescribeClusterAsync(new() { RequestTimeout = Timeout }) : null;
        return topics.ToDictionary(
            topic => topic,
            topic => new TopicIdentity(
                ids[topic] == Guid.Empty ? Hash(cluster!.ClusterId, topic) : ids[topic], PartitionsOf(metadata, topic)));
    }

    /// <returns>Whether the broker is the embedded one, which retains little.</returns>
    public static bool IsEmbedded(Metadata metadata) => EmbeddedIdentity(metadata) is not null;

    /// <returns>The metadata of the broker and all its topics. The request creates no topic.</returns>
    /// <exception cref="KafkaException">The broker does not answer.</exception>
    public static Task<Metadata> MetadataAsync(IAdminClient admin) => Task.Run(() => admin.GetMetadata(Timeout));

    /// <returns>The partitions of a topic. The embedded broker creates it if it does not exist.</returns>
    /// <exception cref="KafkaException">The broker does not answer.</exception>
    public static Task<int> PartitionsAsync(IAdminClient admin, string topic) =>
        Task.Run(() => PartitionsOf(admin.GetMetadata(topic, Timeout), topic));

    private static int PartitionsOf(Metadata metadata, string topic) =>
        metadata.Topics.Find(known => known.Topic == topic)?.Partitions.Count ?? 0;

    private static string? EmbeddedIdentity(Metadata metadata) =>
        metadata.Topics.Find(topic => topic.Topic.StartsWith(EmbeddedPrefix, StringComparison.Ordinal))?.Topic;

    private static Guid ToGuid(Uuid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, id.MostSignificantBits);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.LeastSignificantBits);
        return new(bytes, bigEndian: true);
    }

    private static Guid Hash(string scope, string topic) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{scope}/{topic}")).AsSpan(0, 16), bigEndian: true);
}
