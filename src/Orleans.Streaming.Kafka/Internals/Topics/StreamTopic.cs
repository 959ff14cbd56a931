using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Orleans.Configuration;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>A topic as it is in Kafka, with what its options say of it.</summary>
internal sealed class StreamTopic
{
    private readonly byte[] _namespace;
    private readonly KafkaStreamUnit _unit;

    /// <summary>By partition, what a stream of <see cref="KafkaStreamUnit.Partition"/> and one of keyless messages is called.</summary>
    private readonly byte[][] _partitionKeys;

    /// <param name="partitions">In Kafka, whatever the options say; 0: nobody has looked, since it is only produced to.</param>
    public StreamTopic(KafkaTopicOptions options, int partitions)
    {
        Options = options;
        Partitions = partitions;
        _namespace = Encoding.UTF8.GetBytes(options.Namespace ?? "");
        _unit = options.StreamPer;
        var prefix = _unit == KafkaStreamUnit.Partition ? "" : "#";
        _partitionKeys = [.. Enumerable.Range(0, partitions).Select(p => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix}{p}")))];
    }

    public KafkaTopicOptions Options { get; }

    public string Name => Options.Name;

    public string? Format => Options.Format;

    public int Partitions { get; }

    /// <summary>Takes the streams of all namespaces that no other topic takes; a message says of which it is.</summary>
    public bool IsForAll => Options.Namespace is null;

    public bool Has(ReadOnlySpan<byte> streamNamespace) => streamNamespace.SequenceEqual(_namespace);

    /// <exception cref="KafkaStreamException">The stream is named for a partition that is not there.</exception>
    public int PartitionOf(StreamId stream)
    {
        if (_unit == KafkaStreamUnit.Key)
        {
            return Murmur2.PartitionOf(stream.Key.Span, Partitions);
        }

        return ParsePartition(stream) is { } partition && partition < Partitions ? partition : throw NoSuchPartition(stream);
    }

    /// <summary>
    /// Where a message of a stream goes. In a topic that is read, to the partition from which its silo reads; in one that is
    /// only produced to, to that which the client chooses by the key in the same way, however many there are by then.
    /// </summary>
    /// <exception cref="KafkaStreamException">The stream is named for no partition.</exception>
    public Partition TargetOf(StreamId stream) =>
        !Options.ProduceOnly ? PartitionOf(stream) : _unit == KafkaStreamUnit.Key ? Partition.Any : ParsePartition(stream) ?? throw NoSuchPartition(stream);

    /// <summary>What a message of a stream has for its key; null: none.</summary>
    public byte[]? KeyOf(StreamId stream) => _unit == KafkaStreamUnit.Key ? stream.Key.ToArray() : null;

    /// <param name="streamNamespace">What the message says; null: nothing.</param>
    public StreamId StreamOf(byte[]? key, int partition, byte[]? streamNamespace) => StreamId.Create(
        (streamNamespace ?? _namespace).AsSpan(),
        _unit == KafkaStreamUnit.Partition || key is null or { Length: 0 } ? _partitionKeys[partition] : key);

    private static int? ParsePartition(StreamId stream)
    {
        var key = stream.Key.Span;
        return Utf8Parser.TryParse(key, out int partition, out var length) && length == key.Length && partition >= 0 ? partition : null;
    }

    private KafkaStreamException NoSuchPartition(StreamId stream) => new(
        $"The topic \"{Name}\" has one stream for each partition, with the keys 0{(Partitions > 0 ? $" to {Partitions - 1}" : ", 1, …")}, and none with the key \"{stream.GetKeyAsString()}\".");
}
