using System.Diagnostics;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Configuration;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Many late readings of the same windows, from all partitions, on two silos.</summary>
[Trait("Category", "System")]
public sealed class LateFloodTests
{
    private const int Sensors = 50;
    private const int Windows = 20;
    private const int ReadingsPerWindow = 60;
    private const int Partitions = 4;

    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_window_closes_once_in_an_interval_and_no_partition_rewinds()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 41);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2);

        // A partition that moves takes the grains with it that other partitions feed, which rewind then.
        await Until.Async(
            () => pipeline.Ingests.All(ingest => ingest.GetStatus().Partitions.Count(partition => partition.IsReady) == Partitions / 2),
            () => string.Join(" | ", pipeline.Ingests.Select(ingest => string.Join(", ", ingest.GetStatus().Partitions))),
            TimeSpan.FromSeconds(60));

        // Each partition has a later reading, so that all others are late.
        for (var sensor = 0; sensor < Sensors; sensor++)
        {
            await pipeline.Producer.AppendAsync(sensor, Next(sensor, Windows + 10), cancellationToken: Stop);
        }

        await pipeline.Producer.FlushAsync(Stop);
        Assert.Equal(Partitions, pipeline.Producer.LastOffsets.Count);
        await Until.Async(() => Totals(p => p.Readings) == Sensors, () => $"{Totals(p => p.Readings)} readings", TimeSpan.FromSeconds(30));

        var watch = Stopwatch.StartNew();
        var order = Enumerable.Range(0, Sensors * Windows * ReadingsPerWindow).ToArray();
        new Random(42).Shuffle(order);
        foreach (var burst in order.Chunk(order.Length / 300))
        {
            foreach (var i in burst)
            {
                var reading = Next(i % Sensors, i / Sensors % Windows);
                await pipeline.Producer.AppendAsync(i % Sensors, reading, key: false, cancellationToken: Stop);
            }

            await pipeline.Producer.FlushAsync(Stop);
        }

        await pipeline.FinishAsync();
        var intervals = (int)(watch.Elapsed / new IngestOptions().LateClosingInterval) + 2;

        var rows = await pipeline.RowsAsync();
        readings.AssertExact(rows);
        Assert.Equal(order.Length, Totals(p => p.Late));
        Assert.Equal(0, Totals(p => p.Rewinds));
        Assert.InRange(Totals(p => p.Closed), rows.Count, Partitions * intervals * rows.Count);

        byte[] Next(int sensor, int window) => readings.Next(sensor, Start + (window * PipelineCluster.Period.TotalMicros));

        long Totals(Func<Ingest.Status.IngestTotals, long> figure) =>
            pipeline.Ingests.Sum(ingest => figure(ingest.GetStatus().Totals));
    }
}
