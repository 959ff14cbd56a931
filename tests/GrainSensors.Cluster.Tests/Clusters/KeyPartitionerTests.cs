using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Readings of a sensor are where the partitioner says.</summary>
[Trait("Category", "System")]
public sealed class KeyPartitionerTests
{
    [Fact]
    public async Task A_keyed_reading_goes_to_the_partition_that_is_computed_for_its_sensor()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 51);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        foreach (var sensor in new[] { 0, 7, 42, 1_000_000, int.MaxValue })
        {
            var before = new Dictionary<int, long>(pipeline.Producer.LastOffsets);
            await pipeline.Producer.AppendAsync(
                sensor,
                readings.Next(sensor, 1_700_000_000 * EpochTime.MicrosPerSecond),
                cancellationToken: TestContext.Current.CancellationToken);
            await pipeline.Producer.FlushAsync(TestContext.Current.CancellationToken);
            var (partition, _) = Assert.Single(pipeline.Producer.LastOffsets.Except(before));
            Assert.Equal(KeyPartitioner.PartitionOf(sensor, 4), partition);
        }
    }
}
