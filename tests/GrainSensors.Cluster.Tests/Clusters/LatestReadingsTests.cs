using GrainSensors.Core.Time;
using GrainSensors.Ingest.Partitions;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>The latest readings are there for whoever watches, and cost nothing otherwise.</summary>
[Trait("Category", "System")]
public sealed class LatestReadingsTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * Second);
    private readonly Readings _readings = new(PipelineCluster.Period, seed: 71);

    [Fact]
    public async Task They_are_kept_while_somebody_watches_and_a_late_one_does_not_count()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        var latest = pipeline.Cluster.Silos.Single().ServiceProvider.GetRequiredService<LatestReadings>();

        await TakeAsync(pipeline, 1, Start);
        Assert.Empty(latest.All);

        var watch = latest.Watch();
        await TakeAsync(pipeline, 1, Start + (20 * Second));
        await TakeAsync(pipeline, 1, Start + (10 * Second));
        await TakeAsync(pipeline, 2, Start + (15 * Second));
        Assert.Equal(
            [(1, Start + (20 * Second)), (2, Start + (15 * Second))],
            latest.All.Select(reading => (reading.SensorId, reading.Timestamp)).Order());

        watch.Dispose();
        await TakeAsync(pipeline, 1, Start + (30 * Second));
        Assert.Empty(latest.All);
    }

    private async Task TakeAsync(PipelineCluster pipeline, int sensor, long timestamp)
    {
        await pipeline.Producer.AppendAsync(
            sensor, _readings.Next(sensor, timestamp), cancellationToken: TestContext.Current.CancellationToken);
        await pipeline.Producer.FlushAsync(CancellationToken.None);
        var ingest = pipeline.Ingests.Single();
        await Until.Async(
            () => ingest.GetStatus().HasTaken(pipeline.Producer.LastOffsets),
            () => ingest.GetStatus().ToString(),
            TimeSpan.FromSeconds(30));
    }
}
