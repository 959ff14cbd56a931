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
    public static async Task<TopicIdentity> ResolveAsync(IAdminClient admin, string topic)
    {
        var metadata = await MetadataAsync(admin);
        var found = metadata.Topics.Find(t => t.Topic == topic);
        if (found is null || found.Partitions.Count == 0)
        {
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"The topic \"{topic}\" does not exist."));
        }

        if (EmbeddedIdentity(metadata) is { } identity)
        {
            return new(Hash(identity, topic), found.Partitions.Count);
        }

        var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new() { RequestTimeout = Timeout });
        var id = described.TopicDescriptions[0].TopicId;
        if (id.MostSignificantBits == 0 && id.LeastSignificantBits == 0)
        {
            var cluster = await admin.DescribeClusterAsync(new() { RequestTimeout = Timeout });
            return new(Hash(cluster.ClusterId, topic), found.Partitions.Count);
        }

        return new(ToGuid(id), found.Partitions.Count);
    }

    /// <returns>Whether the broker is the embedded one, which retains little.</returns>
    public static bool IsEmbedded(Metadata metadata) => EmbeddedIdentity(metadata) is not null;

    /// <returns>The metadata of the broker and all its topics. The request creates no topic.</returns>
    /// <exception cref="KafkaException">The broker does not answer.</exception>
    public static Task<Metadata> MetadataAsync(IAdminClient admin) => Task.Run(() => admin.GetMetadata(Timeout));

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
