using System.Collections.Concurrent;
using Confluent.Kafka;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>How other producers may write: compressed, and in transactions.</summary>
[Trait("Category", "System")]
public sealed class CodecTests
{
    private const int Count = 50;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly long Start =
        PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond) / EpochTime.MicrosPerSecond;
    private readonly string _topic = $"gateways-{Guid.NewGuid():N}";

    [Fact]
    public async Task Readings_of_every_codec_and_of_committed_transactions_count_and_those_of_aborted_ones_do_not()
    {
        Assert.SkipUnless(RealKafka.IsGiven, "Needs a real broker, which has transactions: set KAFKA_HOME to an installation.");
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, sources:
        [
            new()
            {
                Name = "gateways",
                Topics = [_topic],
                Mapping = new()
                {
                    Sensor = "{/sensor_id}",
                    Time = "/timestamp",
                    Values = new Dictionary<string, string> { ["temperature"] = "/temperature" },
                },
            },
        ]);
        await pipeline.UntilAssignedAsync();
        var expected = new List<int>();
        foreach (var topic in new[] { pipeline.Kafka.Topic, _topic })
        {
            foreach (var codec in Enum.GetValues<CompressionType>())
            {
                expected.Add(expected.Count);
                using var producer = ProducerOf(pipeline, codec);
                Produce(producer, topic, expected[^1]);
            }

            using var transactions = ProducerOf(pipeline, CompressionType.Lz4, $"{topic}-transactions");
            transactions.InitTransactions(Timeout);
            transactions.BeginTransaction();
            Produce(transactions, topic, 1000);
            transactions.AbortTransaction(Timeout);
            transactions.BeginTransaction();
            expected.Add(expected.Count);
            Produce(transactions, topic, expected[^1]);
            transactions.CommitTransaction(Timeout);
        }

        await Until.Async(
            async () => (await pipeline.RowsAsync()).Values.Sum(row => row.Statistics.Count) >= expected.Count * Count,
            () => string.Join(", ", pipeline.Ingests.Single().GetStatus().Partitions),
            TimeSpan.FromSeconds(60));
        Assert.Equal(
            expected.Select(sensor => (sensor, (long)Count)),
            (await pipeline.RowsAsync()).Values.Select(row => (row.Key.SensorId, row.Statistics.Count)).Order());
    }

    private static void Produce(IProducer<string, string> producer, string topic, int sensor)
    {
        var errors = new ConcurrentBag<Error>();
        for (var i = 0; i < Count; i++)
        {
            var json = $$"""{"sensor_id":{{sensor}},"timestamp":{{Start + i}},"temperature":{{i}}}""";
            producer.Produce(topic, new() { Key = $"{sensor}", Value = json }, report => errors.Add(report.Error));
        }

        producer.Flush(Timeout);
        Assert.Equal(Enumerable.Repeat("Success", Count), errors.Select(error => error.Reason));
    }

    private static IProducer<string, string> ProducerOf(PipelineCluster pipeline, CompressionType codec, string? transactions = null) =>
        new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = pipeline.Kafka.BootstrapServers,
            CompressionType = codec,
            LingerMs = 20,
            TransactionalId = transactions,
        }).Build();
}
