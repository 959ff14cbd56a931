using System.Text;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>The windows of a sensor that has a name, whose number takes the place of the id.</summary>
[Trait("Category", "System")]
public sealed class NamedWindowTests
{
    private static readonly SourceId Source = new(Guid.NewGuid(), 2);
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    [Fact]
    public async Task Readings_of_a_number_are_accumulated_written_and_closed()
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 2);
        var numbers = new int[1];
        await pipeline.Store.Names.NumbersOfAsync(["boiler"u8.ToArray()], numbers, CancellationToken.None);
        var (number, life) = (numbers[0], pipeline.Store.Life);
        var grain = Grain(pipeline, number);
        var readings = ReadingBatch.Of(Reading(number, 5, 20), Reading(number, 6, 30));

        Assert.Equal(AddStatus.Applied, await grain.Add(Source, new(readings, 0, 2), Marks.None, life));
        Assert.Equal(6, await grain.Flush(Source, life));
        Assert.True(await grain.Close(Source, [Start], Marks.None));

        var row = Assert.Single(await pipeline.RowsAsync()).Value;
        Assert.Equal((number, 2L, 25d, true), (row.Key.SensorId, row.Statistics.Count, row.Statistics.Mean, row.IsFinal));
    }

    [Fact]
    public async Task An_open_window_of_a_deleted_topic_belongs_to_the_partition_of_the_name()
    {
        var (names, numbers) = (Enumerable.Range(0, 20).Select(i => $"boiler-{i}").ToArray(), new int[20]);
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 1,
            before: async cluster =>
            {
                await cluster.Store.Names.NumbersOfAsync(
                    [.. names.Select(name => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(name))], numbers, CancellationToken.None);
                await cluster.Store.WriteAsync(
                    [.. numbers.Select(number => new WindowWrite(OpenWindow(number), null))], CancellationToken.None);
            });
        await pipeline.UntilAssignedAsync();

        long[] expected = [.. Enumerable.Range(0, 4).Select(partition =>
            names.LongCount(name => KafkaPartitioner.PartitionOf(Encoding.UTF8.GetBytes(name), 4) == partition))];
        await Until.Async(
            () => OpenWindows().SequenceEqual(expected),
            () => $"open are {string.Join(", ", OpenWindows())}, not {string.Join(", ", expected)}",
            TimeSpan.FromSeconds(30));

        IEnumerable<long> OpenWindows() => pipeline.Ingests.Single().GetStatus().Partitions
            .OrderBy(partition => partition.Partition).Select(partition => partition.OpenWindows);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(int.MinValue - 1L)]
    [InlineData(int.MaxValue + 1L)]
    public async Task Other_keys_are_refused(long key)
    {
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Grain(pipeline, key).Flush(Source, default).AsTask());
        Assert.Contains("number of a name from -2147483648 to -2", error.ToString(), StringComparison.Ordinal);
    }

    private static IWindowGrain Grain(PipelineCluster pipeline, long key) =>
        pipeline.Cluster.Client.GetGrain<IWindowGrain>(key, PipelineCluster.Period.ToString(), null);

    private static StoredWindow OpenWindow(int number) => new(
        new(number, PipelineCluster.Period, Start),
        [new("temperature", default(RunningStatistics).Add(20))],
        Marks.Empty.Raise(Source, 1),
        RowVersion: 1,
        Revision: 0,
        IsFinal: false);

    private static Reading Reading(int number, long offset, double temperature)
    {
        var values = MeasurementValues.None;
        values[0] = temperature;
        return new() { Offset = offset, SensorId = number, Timestamp = Start + offset, Values = values };
    }
}
