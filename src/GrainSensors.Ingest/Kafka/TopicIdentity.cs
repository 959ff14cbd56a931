using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>What a topic is at present: one incarnation of it, and how many partitions it has.</summary>
/// <param name="TopicId">See <see cref="Core.Windows.SourceId.TopicId"/>.</param>
internal sealed record TopicIdentity(Guid TopicId, int Partitions)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Kafka names each incarnation of a topic with a UUID. The embedded broker does not, but publishes a GUID of its
    /// own in the name of a topic; and brokers older than 2.8 know no topic ids: there the cluster's id must do.
    /// </summary>
    /// <exception cref="KafkaException">The broker is out of reach, or has no such topic.</exception>
    public static async Task<TopicIdentity> ResolveAsync(IAdminClient admin, string topic)
    {
        var metadata = await MetadataAsync(admin);
        var found = metadata.Topics.Find(t => t.Topic == topic);
        if (found is null || found.Partitions.Count == 0)
        {
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"There is no topic \"{topic}\"."));
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

    /// <returns>Whether the broker is an <see cref="EmbeddedBroker"/>, which keeps little.</returns>
    /// <exception cref="KafkaException">The broker is out of reach.</exception>
    public static async Task<bool> IsEmbeddedAsync(IAdminClient admin) => IsEmbedded(await MetadataAsync(admin));

    /// <inheritdoc cref="IsEmbeddedAsync"/>
    public static bool IsEmbedded(Metadata metadata) => EmbeddedIdentity(metadata) is not null;

    /// <returns>Of the broker and all of its topics; asking creates none.</returns>
    /// <exception cref="KafkaException">The broker is out of reach.</exception>
    public static Task<Metadata> MetadataAsync(IAdminClient admin) => Task.Run(() => admin.GetMetadata(Timeout));

    private static string? EmbeddedIdentity(Metadata metadata) => metadata.Topics.Find(t => EmbeddedBroker.IsIdentity(t.Topic))?.Topic;

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
