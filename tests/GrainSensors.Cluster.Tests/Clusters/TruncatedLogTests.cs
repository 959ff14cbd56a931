using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>A broker comes back without the end of its log, and gives the offsets to other readings.</summary>
[Trait("Category", "System")]
public sealed class TruncatedLogTests
{
    private const string Topic = "sensor-data";
    private const int Before = 2_000;
    private const int After = 1_500;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);
    private readonly Readings _readings = new(PipelineCluster.Period, seed: 11);
    private int _produced;

    [Fact]
    public async Task Readings_at_offsets_that_were_read_before_are_in_their_windows_once()
    {
        var kafka = await TestKafka.StartOwnAsync(partitions: 4);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, kafka: kafka);
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, Before);
        await UntilAsync(pipeline, partition => partition.Checkpointed == Before);

        await kafka.Process.KillAsync();
        var kept = CutLog(kafka.Process);
        await kafka.Process.StartAsync();
        await ProduceAsync(pipeline, After);

        // The windows keep the readings that the log has lost.
        await UntilAsync(pipeline, partition => partition.Checkpointed >= kept + After);
        await pipeline.Ingests.Single().CloseAllAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        _readings.AssertExact(await pipeline.RowsAsync());
    }

    [Fact]
    public async Task A_silo_that_was_down_when_the_log_was_cut_counts_readings_at_the_same_offsets_once()
    {
        var kafka = await TestKafka.StartOwnAsync(partitions: 4);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, kafka: kafka);
        await pipeline.UntilAssignedAsync();
        await ProduceAsync(pipeline, Before);
        await UntilAsync(pipeline, partition => partition.Checkpointed == Before);
        await pipeline.Cluster.KillSiloAsync(pipeline.Cluster.Silos[0], TestContext.Current.CancellationToken);

        await kafka.Process.KillAsync();
        var kept = CutLog(kafka.Process);
        await kafka.Process.StartAsync();
        await ProduceAsync(pipeline, After);
        await pipeline.Cluster.StartAdditionalSiloAsync();

        await UntilAsync(pipeline, partition => partition.Checkpointed >= kept + After);
        await pipeline.Ingests.Single().CloseAllAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        _readings.AssertExact(await pipeline.RowsAsync());
    }

    private static Task UntilAsync(PipelineCluster pipeline, Func<Ingest.Status.PartitionStatus, bool> condition) => Until.Async(
        () => pipeline.Ingests.SelectMany(ingest => ingest.GetStatus().Partitions).Any(
            partition => partition.Partition == 0 && condition(partition)),
        () => string.Join(" | ", pipeline.Ingests.Select(ingest => string.Join(", ", ingest.GetStatus().Partitions))),
        TimeSpan.FromSeconds(90));

    /// <summary>Removes the second half of the batches of a partition's log. The broker must be dead.</summary>
    /// <returns>The number of messages that are left.</returns>
    private static long CutLog(KafkaProcess kafka)
    {
        const int BatchHeader = 12;
        var folder = Path.Combine(kafka.DataFolder, $"{Topic}-0");
        using var log = File.Open(Path.Combine(folder, "00000000000000000000.log"), FileMode.Open, FileAccess.ReadWrite);
        var half = log.Length / 2;
        var header = new byte[BatchHeader];
        while (log.Position < half)
        {
            log.ReadExactly(header);
            log.Seek(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8)), SeekOrigin.Current);
        }

        var end = log.Position;
        log.ReadExactly(header);
        log.SetLength(end);
        return System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(header);
    }

    /// <summary>One reading a second of three sensors, all in one partition, in batches of ten.</summary>
    private async Task ProduceAsync(PipelineCluster pipeline, int count)
    {
        var config = new ProducerConfig { BootstrapServers = pipeline.Kafka.BootstrapServers, BatchNumMessages = 10, Acks = Acks.All };
        using var producer = new ProducerBuilder<string, byte[]>(config).Build();
        var deliveries = new List<Task>();
        for (var i = 0; i < count; i++, _produced++)
        {
            var sensor = 1 + (_produced % 3);
            var value = _readings.Next(sensor, Start + (_produced * EpochTime.MicrosPerSecond / 5));
            deliveries.Add(producer.ProduceAsync(
                new TopicPartition(Topic, 0), new() { Key = sensor.ToString(CultureInfo.InvariantCulture), Value = value }));
        }

        await Task.WhenAll(deliveries);
    }
}
