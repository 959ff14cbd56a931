using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Mqtt.Tests.Fixtures;

/// <summary>The messages of a topic, from its beginning.</summary>
internal sealed class KafkaLog : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly int _partitions;

    public KafkaLog(KafkaOptions options, string topic)
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        _consumer = clients.DeadLetterReader();
        using var admin = clients.Admin();
        _partitions = admin.GetMetadata(topic, Timeout).Topics[0].Partitions.Count;
        _consumer.Assign(
            Enumerable.Range(0, _partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
    }

    public List<Record> Records { get; } = [];

    /// <summary>Reads what there is now.</summary>
    public List<Record> Read()
    {
        var ends = new HashSet<Partition>();
        while (ends.Count < _partitions && _consumer.Consume(Timeout) is { } result)
        {
            if (result.IsPartitionEOF)
            {
                ends.Add(result.Partition);
                continue;
            }

            var header = result.Message.Headers.TryGetLastBytes("mqtt.topic", out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
            Records.Add(new(
                Encoding.UTF8.GetString(result.Message.Key ?? []),
                header,
                result.Message.Value ?? [],
                result.Partition,
                result.Message.Headers));
        }

        return Records;
    }

    public void Dispose() => _consumer.Dispose();

    internal sealed record Record(string Key, string? Topic, byte[] Bytes, Partition Partition, Headers Headers)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);
    }
}
