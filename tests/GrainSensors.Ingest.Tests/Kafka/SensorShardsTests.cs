using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Ingest.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Tests.Kafka;

public sealed class SensorShardsTests
{
    [Fact]
    public void The_shard_of_a_sensor_is_where_Kafka_would_put_its_key_among_so_many_partitions()
    {
        int[] ids = [0, 1, 7, 42, 123, 1234, 99_999, 1_000_000, int.MaxValue];
        Assert.All(
            ids.Concat(Enumerable.Range(0, 20_000)),
            id => Assert.Equal(KeyPartitioner.PartitionOf(id, SensorShards.Count), SensorShards.Of(id)));
    }

    [Fact]
    public void The_shard_of_a_key_is_that_of_the_id_it_spells() => Assert.All(
        Enumerable.Range(0, 20_000).Append(int.MaxValue),
        id => Assert.Equal(SensorShards.Of(id), SensorShards.Of(Encoding.UTF8.GetBytes(id.ToString(CultureInfo.InvariantCulture)))));

    [Theory]
    [InlineData("boiler-3")]
    [InlineData("A very long name of a sensor with spaces, and with a length that four does not divide")]
    [InlineData("Wärme/Küche °C")]
    [InlineData("x")]
    public void The_shard_and_partition_of_a_named_sensor_follow_from_its_name(string name)
    {
        var key = Encoding.UTF8.GetBytes(name);
        Assert.Equal(KafkaPartitioner.PartitionOf(key, SensorShards.Count), SensorShards.Of(key));
        Assert.Equal(KafkaPartitioner.PartitionOf(key, 7), KeyPartitioner.PartitionOf(-5, name, 7));
        Assert.Contains(SensorShards.Of(key), SensorShards.OfPartition(KeyPartitioner.PartitionOf(-5, name, 6), 6));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(16)]
    public void The_sensors_of_a_partition_are_in_its_shards(int partitions)
    {
        var shards = Enumerable.Range(0, partitions)
            .Select(partition => SensorShards.OfPartition(partition, partitions).ToHashSet())
            .ToList();
        Assert.All(
            Enumerable.Range(0, 20_000),
            id => Assert.Contains(SensorShards.Of(id), shards[KeyPartitioner.PartitionOf(id, partitions)]));
        Assert.Equal(SensorShards.Count, shards.SelectMany(mine => mine).Distinct().Count());
    }
}
