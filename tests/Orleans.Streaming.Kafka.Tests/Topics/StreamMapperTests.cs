using System.Text;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Tests.Topics;

/// <summary>The mapping between streams and messages, with a mapper and by options.</summary>
public sealed class StreamMapperTests : IKafkaStreamMapper
{
    private readonly TopicMap _map;
    private Func<StreamId, KafkaStreamAddress?> _addressOf = _ => null;
    private Func<KafkaStreamAddress, StreamId?> _streamOf = _ => null;

    public StreamMapperTests() => _map = new(
        "Kafka",
        [
            new(new() { Name = "all" }, 4),
            new(new() { Name = "orders", Namespace = "orders" }, 6),
            new(new() { Name = "audit", Namespace = "audit", ProduceOnly = true }, 2),
        ],
        this);

    [Fact]
    public void A_mapper_chooses_topic_and_key_and_the_key_chooses_the_partition_and_the_queue()
    {
        _addressOf = stream => new("orders", [.. "customer-"u8, .. stream.Key.Span]);
        _streamOf = address => StreamId.Create("customers", Encoding.UTF8.GetString(address.Key!)["customer-".Length..]);
        var stream = StreamId.Create("customers", "7");

        var target = _map.TargetOf(stream);

        Assert.Equal(("orders", "customer-7"), (target.Topic.Name, Encoding.UTF8.GetString(target.Key!)));
        Assert.Equal(KafkaPartitioner.PartitionOf("customer-7"u8, 6), target.Partition.Value);
        Assert.Equal((target.Topic, target.Partition.Value), _map.PartitionOf(_map.GetQueueForStream(stream)));
        Assert.Equal(stream, _map.StreamOf(target.Topic, target.Partition, target.Key, null));
        _map.CheckMapping(stream, target, null);
    }

    [Fact]
    public void What_a_mapper_leaves_alone_is_mapped_by_the_options()
    {
        var stream = StreamId.Create("orders", "7");

        var target = _map.TargetOf(stream);

        Assert.Equal(("orders", KafkaPartitioner.PartitionOf("7"u8, 6)), (target.Topic.Name, target.Partition.Value));
        Assert.Equal(stream, _map.StreamOf(target.Topic, target.Partition, target.Key, null));
    }

    [Fact]
    public void A_message_that_would_come_back_as_another_stream_is_refused()
    {
        _addressOf = _ => new("orders", [.. "x"u8]);
        var stream = StreamId.Create("customers", "7");

        var failure = Assert.Throws<KafkaStreamException>(() => _map.CheckMapping(stream, _map.TargetOf(stream), null));
        Assert.Contains("that it maps to the stream \"orders/x\"", failure.Message, StringComparison.Ordinal);

        _addressOf = _ => new("audit", null);
        _map.CheckMapping(stream, _map.TargetOf(stream), null);
        Assert.Equal(Partition.Any, _map.TargetOf(stream).Partition);
    }

    [Fact]
    public void A_topic_that_the_provider_lacks_is_refused_by_name()
    {
        _addressOf = _ => new("missing", null);

        var failure = Assert.Throws<KafkaStreamException>(() => _map.TargetOf(StreamId.Create("a", "7")));

        Assert.Contains("to the topic \"missing\", which is not in its Topics", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_namespace_with_several_topics_needs_a_mapper_to_produce()
    {
        var map = new TopicMap("Kafka",
        [
            new(new() { Name = "sales-eu", Namespace = "sales" }, 1),
            new(new() { Name = "sales-us", Namespace = "sales" }, 1),
        ]);

        var failure = Assert.Throws<KafkaStreamException>(() => map.TargetOf(StreamId.Create("sales", "7")));

        Assert.Contains("such as \"sales-eu\" and \"sales-us\"; choose one", failure.Message, StringComparison.Ordinal);
    }

    KafkaStreamAddress? IKafkaStreamMapper.AddressOf(StreamId stream) => _addressOf(stream);

    StreamId? IKafkaStreamMapper.StreamOf(KafkaStreamAddress address, Headers headers) => _streamOf(address);
}
