using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Orleans.Configuration;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>A topic in Kafka with its options.</summary>
internal sealed class StreamTopic
{
    private readonly byte[] _namespace;
    private readonly KafkaStreamUnit _unit;

    /// <summary>
    /// Stream keys by partition, for <see cref="KafkaStreamUnit.Partition"/> and for messages without a key.
    /// </summary>
    private readonly byte[][] _partitionKeys;

    /// <param name="partitions">Number of partitions in Kafka; 0 if it is unknown, for a produce-only topic.</param>
    /// <param name="id">Kafka's id of the topic; without one, an id of its name stands for it.</param>
    public StreamTopic(KafkaTopicOptions options, int partitions, Guid? id = null)
    {
        Options = options;
        Partitions = partitions;
        KafkaId = id;
        Id = id ?? new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(options.Name)).AsSpan(0, 16), bigEndian: true);
        _namespace = Encoding.UTF8.GetBytes(options.Namespace ?? "");
        _unit = options.StreamPer;
        var prefix = _unit == KafkaStreamUnit.Partition ? "" : "#";
        _partitionKeys =
        [
            .. Enumerable.Range(0, partitions)
                .Select(p => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix}{p}"))),
        ];
    }

    public KafkaTopicOptions Options { get; }

    public string Name => Options.Name;

    public string? Format => Options.Format;

    public int Partitions { get; }

    /// <summary>Kafka's id of the topic; null if the broker has none.</summary>
    public Guid? KafkaId { get; }

    /// <summary>The id of the topic in tokens. A topic that was deleted and created again has another one.</summary>
    public Guid Id { get; }

    /// <summary>
    /// Whether the topic was created again since the provider started. Offsets that the group has committed may be those of the old topic.
    /// </summary>
    public bool IsRecreated { get; init; }

    /// <summary>Whether the topic has the streams of all namespaces without a topic of their own. A header names the namespace.</summary>
    public bool IsForAll => Options.Namespace is null;

    public bool Has(ReadOnlySpan<byte> streamNamespace) => streamNamespace.SequenceEqual(_namespace);

    /// <exception cref="KafkaStreamException">The topic has a stream for each partition, and none with this key.</exception>
    public int PartitionOf(StreamId stream)
    {
        if (_unit == KafkaStreamUnit.Key)
        {
            return KafkaPartitioner.PartitionOf(stream.Key.Span, Partitions);
        }

        return ParsePartition(stream) is { } partition && partition < Partitions ? partition : throw NoSuchPartition(stream);
    }

    /// <summary>
    /// The partition for a message of a stream. In a topic that silos read, it is the partition of the stream's queue. In a produce-only
    /// topic the client chooses it by key in the same way, for the current number of partitions.
    /// </summary>
    /// <exception cref="KafkaStreamException">The topic has a stream for each partition, and the key is not a partition.</exception>
    public Partition TargetOf(StreamId stream) =>
        !Options.ProduceOnly ? PartitionOf(stream)
        : _unit == KafkaStreamUnit.Key ? Partition.Any
        : ParsePartition(stream) ?? throw NoSuchPartition(stream);

    /// <summary>
    /// The partition for a message with a key. In a topic that silos read, messages without a key have that of the empty key.
    /// </summary>
    public Partition TargetOf(byte[]? key) => Options.ProduceOnly ? Partition.Any : KafkaPartitioner.PartitionOf(key, Partitions);

    /// <summary>The key for a message of a stream; null for a message without a key.</summary>
    public byte[]? KeyOf(StreamId stream) => _unit == KafkaStreamUnit.Key ? stream.Key.ToArray() : null;

    /// <param name="streamNamespace">The namespace in the header of the message; null without the header.</param>
    public StreamId StreamOf(byte[]? key, int partition, byte[]? streamNamespace) => StreamId.Create(
        (streamNamespace ?? _namespace).AsSpan(),
        _unit == KafkaStreamUnit.Partition || key is null or { Length: 0 } ? _partitionKeys[partition] : key);

    private static int? ParsePartition(StreamId stream)
    {
        var key = stream.Key.Span;
        return Utf8Parser.TryParse(key, out int partition, out var length) && length == key.Length && partition >= 0 ? partition : null;
    }

    private KafkaStreamException NoSuchPartition(StreamId stream) => new(
        $"The stream key must be a partition of the topic \"{Name}\"{(Partitions > 0 ? $", 0 to {Partitions - 1}" : "")}; "
        + $"got \"{stream.GetKeyAsString()}\".");
}
