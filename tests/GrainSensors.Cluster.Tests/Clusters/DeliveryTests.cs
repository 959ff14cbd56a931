using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>However readings arrive, over whatever partitions, in whatever order, more than once: windows are the same.</summary>
[Trait("Category", "System")]
public sealed class DeliveryTests
{
    private const int Sensors = 10;
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * Second);

    [Fact]
    public async Task Readings_without_keys_and_shuffled_within_an_hour_make_the_same_windows()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 11);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        var order = Enumerable.Range(0, Sensors * 3600).ToArray();
        new Random(12).Shuffle(order);

        // The client keeps to one partition for 10 ms at a time: bursts, so that it has the time to use all of them.
        foreach (var burst in order.Chunk(order.Length / 150))
        {
            foreach (var i in burst)
            {
                var (second, sensor) = Math.DivRem(i, Sensors);
                await pipeline.Producer.AppendAsync(
                    sensor,
                    readings.Next(sensor, Start + (second * Second)),
                    key: false,
                    cancellationToken: TestContext.Current.CancellationToken);
            }

            await pipeline.Producer.FlushAsync(TestContext.Current.CancellationToken);
        }

        await pipeline.FinishAsync();
        Assert.Equal(4, pipeline.Producer.LastOffsets.Count);
        readings.AssertExact(await pipeline.RowsAsync());
    }

    [Fact]
    public async Task Readings_that_are_fetched_again_after_a_rewind_are_counted_once()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 21);

        // No flush and no checkpoint comes by itself, so that what was acknowledged stays unproven.
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, options => options with
        {
            FlushInterval = TimeSpan.FromMinutes(10),
            FirstCheckpointInterval = TimeSpan.FromMinutes(10),
            CheckpointInterval = TimeSpan.FromMinutes(10),
            MaxCheckpointInterval = TimeSpan.FromMinutes(10),
            Grace = TimeSpan.FromHours(2), // nor by windows that are due
        });
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(0, 300);
        await Until.Async(
            () => pipeline.Ingests.Single().GetStatus().Totals.Readings == Sensors * 300,
            () => pipeline.Ingests.Single().GetStatus().ToString(),
            TimeSpan.FromSeconds(30));

        for (var sensor = 0; sensor < Sensors; sensor++)
        {
            await pipeline.Cluster.DeactivateAsync(
                pipeline.Cluster.Client.GetGrain<IWindowGrain>(sensor, PipelineCluster.Period.ToString()));
        }

        await ProduceAsync(300, 300);
        await Until.Async(
            () => pipeline.Ingests.Single().GetStatus().Totals is { Rewinds: > 0, Readings: Sensors * 600 },
            () => pipeline.Ingests.Single().GetStatus().ToString(),
            TimeSpan.FromSeconds(30));
        await pipeline.Ingests.Single().CloseAllAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        readings.AssertExact(await pipeline.RowsAsync());

        async Task ProduceAsync(int from, int count)
        {
            for (var second = from; second < from + count; second++)
            {
                for (var sensor = 0; sensor < Sensors; sensor++)
                {
                    await pipeline.Producer.AppendAsync(
                        sensor, readings.Next(sensor, Start + (second * Second)), cancellationToken: TestContext.Current.CancellationToken);
                }
            }

            await pipeline.Producer.FlushAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_comes_after_the_first_close_shows_in_the_revision()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 31);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        await pipeline.Producer.AppendAsync(1, readings.Next(1, Start), cancellationToken: TestContext.Current.CancellationToken);
        await pipeline.Producer.AppendAsync(
            1, readings.Next(1, Start + (10 * 60 * Second)), cancellationToken: TestContext.Current.CancellationToken);
        await Until.Async(() => Row(pipeline, Start) is { IsFinal: true }, () => $"{Row(pipeline, Start)}", TimeSpan.FromSeconds(30));
        Assert.Equal(0, Row(pipeline, Start)!.Revision);

        await pipeline.Producer.AppendAsync(1, readings.Next(1, Start + Second), cancellationToken: TestContext.Current.CancellationToken);
        await Until.Async(() => Row(pipeline, Start) is { Revision: 1 }, () => $"{Row(pipeline, Start)}", TimeSpan.FromSeconds(30));

        Assert.True(Row(pipeline, Start)!.IsFinal);
        Assert.Equal(1, pipeline.Ingests.Single().GetStatus().Totals.Late);
        await pipeline.FinishAsync();
        readings.AssertExact(await pipeline.RowsAsync());
    }

    [Fact]
    public async Task A_stream_that_just_stops_closes_its_windows_by_itself()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 41);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, options => options with
        {
            IdleTimeout = TimeSpan.FromSeconds(1),
            Grace = TimeSpan.FromSeconds(1),
        });
        await pipeline.UntilAssignedAsync();
        for (var sensor = 0; sensor < Sensors; sensor++)
        {
            await pipeline.Producer.AppendAsync(
                sensor, readings.Next(sensor, Start), cancellationToken: TestContext.Current.CancellationToken);
        }

        await Until.Async(
            () => pipeline.RowsAsync().GetAwaiter().GetResult() is { Count: Sensors } rows && rows.Values.All(row => row.IsFinal),
            () => pipeline.Ingests.Single().GetStatus().ToString(),
            TimeSpan.FromSeconds(20));
        readings.AssertExact(await pipeline.RowsAsync());
    }

    private static Core.Windows.WindowRow? Row(PipelineCluster pipeline, long start) =>
        pipeline.RowsAsync().GetAwaiter().GetResult()
            .GetValueOrDefault(new(1, "temperature", PipelineCluster.Period, start));
}
