using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage.Versions;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Sources;

/// <summary>What messages mean is stored with the offset from which on silos read by it.</summary>
[Trait("Category", "System")]
public sealed class MessageVersionLogTests
{
    private readonly string _topic = $"gateways-{Guid.NewGuid():N}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SourceOptions Gateways => new()
    {
        Name = "gateways",
        Topics = [_topic],
        Start = SourceOptions.Latest,
        Mapping = new() { Sensor = "{/gateway}", Values = new Dictionary<string, string> { ["temperature"] = "/temp" } },
    };

    [Fact]
    public async Task A_silo_stores_what_messages_mean_with_the_first_one_that_it_reads()
    {
        SourceId contract = default, source = default;
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, sources: [Gateways], before: async cluster =>
        {
            var readers = await LogReaders.OpenAsync(cluster.Kafka, new([Gateways]));
            contract = new(readers.Topics[0].TopicId, 0);
            source = new(readers.Topics[1].TopicId, 0);
            await ProduceAsync(cluster, cluster.Kafka.Topic, 2);
            await ProduceAsync(cluster, _topic, 3);
            await cluster.Store.MessageVersions.BeginAsync(contract, new(0, 0, "of an earlier configuration"), Stop);
            var life = await cluster.Store.ReadLifeAsync(Stop);
            Assert.True(await cluster.Store.WriteCheckpointAsync(new(contract, 0, 0, long.MaxValue) { Life = life, Token = 1 }, Stop));
        });
        await pipeline.UntilAssignedAsync();

        using var schemas = new SourceSchemas();
        var present = MessageMeaning.Of(MeasurementSet.Default.All, DiscoveryRules.None, new AcceptedTimes(new()).First, null, schemas);
        Assert.Equal(
            [new(0, 0, "of an earlier configuration"), new(0, 2, present.ToJson())],
            await VersionsAsync(pipeline, contract));
        var ofSource = Assert.Single(await VersionsAsync(pipeline, source));
        Assert.Equal((3, 3), (ofSource.FirstOffset, ofSource.SettledOffset));
        Assert.Equal("/temp", MessageMeaning.Parse(ofSource.Meaning, Gateways, schemas)?.Source?.Mapping.Values?["temperature"]);
    }

    private static async Task ProduceAsync(PipelineCluster cluster, string topic, int count)
    {
        using var producer = new KafkaClients(cluster.Kafka, NullLogger<KafkaClients>.Instance).Producer(TimeSpan.FromMilliseconds(2));
        for (var i = 0; i < count; i++)
        {
            await producer.ProduceAsync(new Confluent.Kafka.TopicPartition(topic, 0), new() { Value = "{}"u8.ToArray() }, Stop);
        }
    }

    private static async Task<MessageVersion[]> VersionsAsync(PipelineCluster pipeline, SourceId source) =>
    [
        .. (await pipeline.Store.MessageVersions.ReadAsync(source.TopicId, Stop)).Where(version => version.Partition == source.Partition)
            .Select(version => version.Version),
    ];
}
