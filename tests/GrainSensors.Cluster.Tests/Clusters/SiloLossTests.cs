using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Silos of a real Orleans cluster on the embedded broker come and go while readings flow.</summary>
[Trait("Category", "System")]
public sealed class SiloLossTests
{
    private const int Sensors = 40;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);
    private readonly Readings _readings = new(PipelineCluster.Period, seed: 7);

    [Fact]
    public async Task When_a_silo_is_killed_in_mid_stream_each_reading_is_in_its_window_once()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2);
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, from: 0, count: 200);
        await Until.Async(
            () => pipeline.Ingests.All(ingest => ingest.GetStatus().Partitions.Any(partition => partition.Checkpointed > 0)),
            () => "no checkpoint",
            TimeSpan.FromSeconds(30));

        await pipeline.Cluster.KillSiloAsync(pipeline.Cluster.Silos[1], TestContext.Current.CancellationToken);
        await ProduceAsync(pipeline, from: 200, count: 200);
        await pipeline.FinishAsync();

        _readings.AssertExact(await pipeline.RowsAsync());
    }

    [Fact]
    public async Task When_a_silo_joins_and_another_leaves_in_good_order_each_reading_is_in_its_window_once()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, from: 0, count: 150);

        await pipeline.Cluster.StartAdditionalSiloAsync();
        await Until.Async(
            () => pipeline.Ingests.All(ingest => ingest.GetStatus().Partitions.Count == 2),
            () => string.Join(" | ", pipeline.Ingests.Select(ingest => ingest.GetStatus().Partitions.Count)),
            TimeSpan.FromSeconds(60));
        await ProduceAsync(pipeline, from: 150, count: 150);
        await pipeline.Cluster.StopSiloAsync(pipeline.Cluster.Silos[0], TestContext.Current.CancellationToken);
        await ProduceAsync(pipeline, from: 300, count: 100);
        await pipeline.FinishAsync();

        _readings.AssertExact(await pipeline.RowsAsync());
    }

    /// <summary>One reading a second for each sensor.</summary>
    private async Task ProduceAsync(PipelineCluster pipeline, int from, int count)
    {
        for (var second = from; second < from + count; second++)
        {
            for (var sensor = 1; sensor <= Sensors; sensor++)
            {
                await pipeline.Producer.AppendAsync(
                    sensor,
                    _readings.Next(sensor, Start + (second * EpochTime.MicrosPerSecond)),
                    cancellationToken: TestContext.Current.CancellationToken);
            }
        }
    }
}
