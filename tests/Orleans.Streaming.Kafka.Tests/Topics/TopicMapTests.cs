using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Tests.Topics;

public sealed class TopicMapTests
{
    static TopicMapTests() => KafkaNativeLibrary.UseIn(typeof(TopicMapTests).Assembly);

    [Fact]
    public void A_key_has_the_partition_that_librdkafka_and_the_java_clients_give_it() =>
        Gen.String[0, 40].Select(Gen.Int[1, 64]).Sample((text, partitions) =>
        {
            var key = Encoding.UTF8.GetBytes(text);
            Assert.Equal(Murmur2(0, key, (nuint)key.Length, partitions, 0, 0), KafkaPartitioner.PartitionOf(key, partitions));
        });

    [Fact]
    public void Each_stream_is_in_the_queue_of_the_partition_that_its_messages_go_to()
    {
        var map = Map();
        foreach (var key in Enumerable.Range(0, 100).Select(i => $"{i}"))
        {
            var stream = StreamId.Create("orders", key);
            var (topic, partition) = map.PartitionOf(map.GetQueueForStream(stream));
            Assert.Equal(("orders", topic.PartitionOf(stream)), (topic.Name, partition));
        }
    }

    [Fact]
    public void Namespaces_without_a_topic_of_their_own_share_the_one_for_all() =>
        Assert.Equal(
            ("all", "orders"),
            (Map().TopicOf(StreamId.Create("else", "1")).Name, Map().TopicOf(StreamId.Create("orders", "1")).Name));

    [Fact]
    public void Every_queue_is_in_one_range_of_the_ring_and_a_topic_that_is_only_produced_to_has_none()
    {
        var map = Map();
        Assert.Equal(10, map.GetAllQueues().Count());
        Assert.Equal(10, map.GetAllQueues().Select(queue => queue.GetUniformHashCode()).Distinct().Count());
        var half = RangeFactory.CreateRange(0, uint.MaxValue / 2);
        var queues = map.GetQueuesForRange(half).ToList();
        Assert.InRange(queues.Count, 3, 7);
        var failure = Assert.Throws<KafkaStreamException>(() => map.GetQueueForStream(StreamId.Create("none", "1")));
        Assert.Contains("The topic \"none\" is produce-only", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_queue_of_a_partition_is_the_same_whatever_other_topics_and_partitions_there_are() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 5]).Sample((partitions, more, others) =>
        {
            var alone = new TopicMap("Kafka", [new(new() { Name = "orders" }, partitions)]);
            var grown = new TopicMap("Kafka",
            [
                .. Enumerable.Range(0, others).Select(i => new StreamTopic(new() { Name = $"a{i}", Namespace = $"a{i}" }, more)),
                new(new() { Name = "orders" }, partitions + more),
            ]);

            Assert.All(alone.GetAllQueues(), queue => Assert.Equal("orders", grown.PartitionOf(queue).Topic.Name));
        });

    [Fact]
    public void The_partitions_of_a_topic_are_spread_evenly_over_the_ring() =>
        Gen.Select(Gen.Int[8, 200], Gen.String[Gen.Char.AlphaNumeric, 1, 20]).Sample((partitions, name) =>
        {
            var hashes = new TopicMap("Kafka", [new(new() { Name = name }, partitions)]).GetAllQueues()
                .Select(queue => (long)queue.GetUniformHashCode()).Order().ToList();
            var gaps = hashes.Zip(hashes.Skip(1).Append(hashes[0] + (1L << 32)), (from, to) => to - from);

            Assert.All(gaps, gap => Assert.InRange(gap, 1, 3 * (1L << 32) / partitions));
        });

    [Fact]
    public void In_a_topic_that_is_only_produced_to_the_client_chooses_the_partition_by_the_key()
    {
        var byKey = new StreamTopic(new() { Name = "none", ProduceOnly = true }, 0);
        var byPartition = new StreamTopic(new() { Name = "none", ProduceOnly = true, StreamPer = KafkaStreamUnit.Partition }, 0);

        Assert.Equal(Confluent.Kafka.Partition.Any, byKey.TargetOf(StreamId.Create("", "2")));
        Assert.Equal(2, byPartition.TargetOf(StreamId.Create("", "2")).Value);
        Assert.Throws<KafkaStreamException>(() => byPartition.TargetOf(StreamId.Create("", "2x")));
    }

    [Fact]
    public void A_stream_for_a_partition_that_is_not_there_is_refused()
    {
        var topic = new StreamTopic(new() { Name = "parts", StreamPer = KafkaStreamUnit.Partition }, 3);

        Assert.Equal(2, topic.PartitionOf(StreamId.Create("", "2")));
        var failure = Assert.Throws<KafkaStreamException>(() => topic.PartitionOf(StreamId.Create("", "3")));
        Assert.Contains("0 to 2; got \"3\"", failure.Message, StringComparison.Ordinal);
        Assert.Throws<KafkaStreamException>(() => topic.PartitionOf(StreamId.Create("", "2x")));
    }

    private static TopicMap Map() => new("Kafka",
    [
        new(new() { Name = "all" }, 4),
        new(new() { Name = "orders", Namespace = "orders" }, 6),
        new(new() { Name = "none", Namespace = "none", ProduceOnly = true }, 2),
    ]);

    /// <param name="topic">Unused by this partitioner, like the last two parameters.</param>
    [DllImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_msg_partitioner_murmur2")]
    private static extern int Murmur2(nint topic, byte[] key, nuint length, int partitions, nint opaque, nint messageOpaque);
}
