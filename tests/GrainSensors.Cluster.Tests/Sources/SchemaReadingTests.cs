using System.Collections.Concurrent;
using Avro.IO;
using Confluent.Kafka;
using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Status;
using GrainSensors.Sources.Configuration;
using GrainSensors.Tests.Shared.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Sources;

/// <summary>Avro of a schema registry that goes away and comes back.</summary>
[Trait("Category", "System")]
public sealed class SchemaReadingTests : IAsyncLifetime
{
    private const string Schema = """
        {"type":"record","name":"Reading","fields":[{"name":"id","type":"string"},
            {"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"temp","type":"double"}]}
        """;

    private const long Start = 1_700_000_000_000;
    private readonly string _topic = $"farm-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<int, long> _lastOffsets = new();
    private readonly ConcurrentDictionary<int, int> _produced = new();
    private RegistryDouble _registry = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SourceOptions Source => new()
    {
        Name = "farm",
        Topics = [_topic],
        Format = SourceFormat.Avro,
        SchemaRegistry = new() { Url = _registry.Url },
        Mapping = new()
        {
            Sensor = "{/id}",
            Time = "/t",
            Values = new Dictionary<string, string> { ["temperature"] = "/temp" },
        },
    };

    public async ValueTask InitializeAsync() => _registry = await RegistryDouble.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task While_the_registry_is_away_only_partitions_with_unknown_schemas_wait_and_nothing_is_lost()
    {
        _registry.Add("farm-value", Schema);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, sources: [Source]);
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        Produce(producer, partition: 0, schemaId: 1, count: 20);
        Produce(producer, partition: 1, schemaId: 1, count: 20);
        await UntilDurableAsync(pipeline, producer, 0, 1);

        var port = new Uri(_registry.Url).Port;
        await _registry.DisposeAsync();
        Produce(producer, partition: 0, schemaId: 1, count: 10);
        producer.Flush(Stop);
        var known = _lastOffsets[0];
        Produce(producer, partition: 0, schemaId: 2, count: 10);
        Produce(producer, partition: 0, schemaId: 1, count: 10);
        Produce(producer, partition: 0, schemaId: 3, count: 10);
        Produce(producer, partition: 1, schemaId: 1, count: 20);
        await UntilDurableAsync(pipeline, producer, 1);
        await Until.Async(
            () => PartitionOf(pipeline, 0) is { Trouble: { } trouble, Checkpointed: var done } && done == known + 1
                && trouble.StartsWith($"Schema registry http://127.0.0.1:{port}: ", StringComparison.Ordinal),
            () => $"{PartitionOf(pipeline, 0)}",
            TimeSpan.FromSeconds(60));
        Assert.Null(PartitionOf(pipeline, 1).Trouble);
        Assert.Equal(known + 1, PartitionOf(pipeline, 0).Position);

        _registry = await RegistryDouble.StartAsync(port);
        _registry.Add("farm-value", Schema);
        _registry.Add("farm-value", Schema.Replace("\"Reading\"", "\"Second\"", StringComparison.Ordinal));
        _registry.Add("farm-value", Schema.Replace("\"Reading\"", "\"Third\"", StringComparison.Ordinal));
        await UntilDurableAsync(pipeline, producer, 0, 1);

        Assert.Null(PartitionOf(pipeline, 0).Trouble);
        await AssertAllCountedAsync(pipeline);
        Assert.Empty(await LettersAsync(pipeline));
        Assert.Equal(["GET /schemas/ids/2", "GET /schemas/ids/3"], _registry.Requests.Select(request => request.Split('?')[0]).Order());
    }

    [Fact]
    public async Task A_message_whose_schema_the_registry_does_not_have_is_a_dead_letter_and_the_next_ones_go_on()
    {
        _registry.Add("farm-value", Schema);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, sources: [Source]);
        await pipeline.UntilAssignedAsync();
        using var producer = ProducerOf(pipeline);
        Produce(producer, partition: 0, schemaId: 1, count: 3);
        await producer.ProduceAsync(new TopicPartition(_topic, 0), new() { Value = Message(99, "1", Start, 20) }, Stop);
        Produce(producer, partition: 0, schemaId: 1, count: 3);
        await UntilDurableAsync(pipeline, producer, 0);

        await AssertAllCountedAsync(pipeline);
        var letter = Assert.Single(await LettersAsync(pipeline));
        Assert.Equal(("no-schema", 3L), (letter.Reason, letter.Source!.Offset));
        Assert.Contains("the schema registry refuses the schema with the id 99: Schema not found", letter.Detail, StringComparison.Ordinal);
    }

    private static IProducer<byte[]?, byte[]?> ProducerOf(PipelineCluster pipeline) =>
        new KafkaClients(pipeline.Kafka, NullLogger<KafkaClients>.Instance).Producer(TimeSpan.FromMilliseconds(2));

    private static byte[] Message(int schemaId, string sensor, long millis, double value)
    {
        using var stream = new MemoryStream();
        stream.Write([0, 0, 0, 0, (byte)schemaId]);
        var encoder = new BinaryEncoder(stream);
        encoder.WriteString(sensor);
        encoder.WriteLong(millis);
        encoder.WriteDouble(value);
        return stream.ToArray();
    }

    /// <summary>Readings of the sensor that has the number of the partition, one a second.</summary>
    private void Produce(IProducer<byte[]?, byte[]?> producer, int partition, int schemaId, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var second = _produced.AddOrUpdate(partition, 1, (_, known) => known + 1);
            producer.Produce(
                new TopicPartition(_topic, partition),
                new() { Value = Message(schemaId, $"{partition + 1}", Start + (second * 1000), 20) },
                report => _lastOffsets.AddOrUpdate(report.Partition, report.Offset, (_, known) => Math.Max(known, report.Offset)));
        }
    }

    private async Task UntilDurableAsync(PipelineCluster pipeline, IProducer<byte[]?, byte[]?> producer, params int[] partitions)
    {
        producer.Flush(Stop);
        await Until.Async(
            () => partitions.All(partition => PartitionOf(pipeline, partition).Checkpointed > _lastOffsets[partition]),
            () => $"produced {string.Join(", ", _lastOffsets)}; {string.Join(", ", partitions.Select(p => PartitionOf(pipeline, p)))}",
            TimeSpan.FromSeconds(60));
    }

    private PartitionStatus PartitionOf(PipelineCluster pipeline, int number) => pipeline.Ingests
        .SelectMany(ingest => ingest.GetStatus().Partitions)
        .Single(partition => partition.Topic == _topic && partition.Partition == number);

    private async Task AssertAllCountedAsync(PipelineCluster pipeline)
    {
        var rows = await pipeline.RowsAsync();
        Assert.Equal(
            _produced.OrderBy(pair => pair.Key).Select(pair => (pair.Key + 1, (long)pair.Value)),
            rows.GroupBy(row => row.Key.SensorId, row => row.Value.Statistics.Count)
                .Select(sensor => (sensor.Key, sensor.Sum())).Order());
    }

    private static async Task<List<DeadLetterMessage>> LettersAsync(PipelineCluster pipeline)
    {
        using var topic = await DeadLetterTopic.OpenAsync(pipeline.Kafka);
        return [.. topic.Read(topic.Index(new(), Stop), Stop).Select(record => record.Message)];
    }
}
