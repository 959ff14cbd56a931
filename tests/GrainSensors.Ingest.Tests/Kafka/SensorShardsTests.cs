using GrainSensors.Core.Alerts;
using GrainSensors.Ingest.Kafka;

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
