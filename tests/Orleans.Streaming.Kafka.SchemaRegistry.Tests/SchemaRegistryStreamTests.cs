using System.Text;
using Avro;
using Avro.Generic;
using Confluent.SchemaRegistry;
using GrainSensors.Tests.Shared.Registry;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Tests.Clusters;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.SchemaRegistry.Tests;

/// <summary>Streams of Avro records, with a registry that answers, is down, or does not know a schema.</summary>
[Trait("Category", "System")]
public sealed class SchemaRegistryStreamTests
{
    private const string Schema = """{"type":"record","name":"Numbered","fields":[{"name":"number","type":"int"}]}""";
    private const string Topic = "json";

    private static readonly RecordSchema RecordSchema = (RecordSchema)Avro.Schema.Parse(Schema);

    [Fact]
    public async Task Records_of_other_applications_and_of_streams_are_delivered()
    {
        await using var registry = await RegistryDouble.StartAsync();
        var id = registry.Add("other", Schema);
        await using var cluster = await StartAsync(registry);

        await cluster.SendAsync(Topic, "7", Message(id, 0));
        await cluster.Stream<GenericRecord>(RecordGrain.Namespace, "7").OnNextAsync(Record(1));

        await cluster.Journal.UntilAllAsync("7", 2);
        Assert.Contains(
            registry.Requests,
            request => request.StartsWith($"POST /subjects/{cluster.TopicOf(Topic)}-value/versions", StringComparison.Ordinal));
        Assert.Equal(Message(id, 1), cluster.Messages(Topic, 1)[^1].Message.Value);
    }

    [Fact]
    public async Task While_the_registry_is_down_the_partition_waits_and_nothing_is_lost()
    {
        await using var registry = await RegistryDouble.StartAsync();
        var id = registry.Add("other", Schema);
        registry.Fails = 503;
        await using var cluster = await StartAsync(registry);

        await cluster.SendAsync(Topic, "7", Message(id, 0));
        await cluster.SendAsync(Topic, "8", Message(id, 1));

        // Each request comes after a pause, so by now the delivery time of the agent is over several times.
        await Until.Async(() => registry.Requests.Count >= 4, () => $"{registry.Requests.Count} requests", TimeSpan.FromSeconds(30));
        Assert.Empty(cluster.Journal.All);
        Assert.Empty(cluster.Messages("dlq", 1));
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 1);
        await cluster.Journal.UntilAllAsync("1", 1);

        registry.Fails = null;
        await cluster.Journal.UntilAllAsync("7", 1);
        await cluster.Journal.UntilAllAsync("8", 1);
        Assert.Empty(cluster.Messages("dlq", 1));
    }

    [Fact]
    public async Task A_message_with_an_unknown_schema_is_a_dead_letter_and_holds_nothing_up()
    {
        await using var registry = await RegistryDouble.StartAsync();
        var id = registry.Add("other", Schema);
        await using var cluster = await StartAsync(registry);

        await cluster.SendAsync(Topic, "7", Message(77, 0));
        await cluster.SendAsync(Topic, "7", "{\"number\":0}"u8.ToArray());
        await cluster.SendAsync(Topic, "7", (byte[])[.. Message(id, 0), 0]);
        await cluster.SendAsync(Topic, "7", Message(id, 0));

        await cluster.Journal.UntilAllAsync("7", 1);
        await Until.Async(
            () => cluster.Committed(Topic, 1)[0] == 4, () => $"{cluster.Committed(Topic, 1)[0]}", TimeSpan.FromSeconds(20));
        Assert.Collection(
            cluster.Messages("dlq", 1).Select(letter => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("error"))),
            error => Assert.Contains("the id 77", error, StringComparison.Ordinal),
            error => Assert.Contains("starts with the byte 0", error, StringComparison.Ordinal),
            error => Assert.Contains("bytes follow the value", error, StringComparison.Ordinal));
        Assert.Single(registry.Requests, request => request.StartsWith("GET /schemas/ids/77", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 200)]
    [InlineData(false, 3000)]
    public async Task A_subscriber_in_another_process_waits_for_its_own_look_up(bool logsElsewhere, int retryDelay)
    {
        await using var registry = await RegistryDouble.StartAsync();
        var id = registry.Add("other", Schema);
        await using var cluster = await StartAsync(registry, RecordGrain.Namespace + "-of-the-client", silo =>
        {
            if (logsElsewhere)
            {
                silo.ConfigureLogging(logging => logging.ClearProviders());
            }
        }, retryDelay);
        var stream = cluster.Stream<GenericRecord>(RecordGrain.Namespace + "-of-the-client", "9");
        await stream.SubscribeAsync((record, token) =>
            cluster.Journal.AddAsync(new("client", "9", new((int)record["number"]), (KafkaSequenceToken)token!)));

        // The silo gets the schema; the client asks only with its first message, and then the registry is down.
        registry.FailsAfter = 1;
        await cluster.SendAsync(Topic, "9", Message(id, 0));

        await Until.Async(() => registry.Requests.Count >= 4, () => $"{registry.Requests.Count} requests", TimeSpan.FromSeconds(30));
        Assert.Empty(cluster.Messages("dlq", 1));
        registry.FailsAfter = int.MaxValue;
        await cluster.Journal.UntilAllAsync("9", 1);
        Assert.Empty(cluster.Messages("dlq", 1));
    }

    [Fact]
    public async Task Producing_fails_with_a_sentence_while_the_registry_is_down()
    {
        await using var registry = await RegistryDouble.StartAsync();
        registry.Fails = 503;
        await using var cluster = await StartAsync(registry);

        var error = await Assert.ThrowsAsync<KafkaFormatUnavailableException>(
            () => cluster.Stream<GenericRecord>(RecordGrain.Namespace, "7").OnNextAsync(Record(1)));

        Assert.Contains("did not answer", error.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Messages(Topic, 1));
    }

    [Fact]
    public void A_registry_without_an_address_is_refused() => Assert.Contains(
        "address of a schema registry",
        Assert.Throws<OrleansConfigurationException>(() => new SiloKafkaStreamConfigurator("Kafka", _ => { })
            .UseProtobufSchemaRegistry(new SchemaRegistryConfig())).Message,
        StringComparison.Ordinal);

    private static Task<StreamCluster> StartAsync(
        RegistryDouble registry, string streamNamespace = RecordGrain.Namespace, Action<ISiloBuilder>? configureSilo = null,
        int retryDelay = 200) =>
        StreamCluster.StartAsync(
            partitions: 1,
            configureSilo: configureSilo,
            configure: options =>
            {
                options.Topics[1].Namespace = streamNamespace;
                options.Topics[1].Format = SchemaRegistryStreamExtensions.Avro;
            },
            configureAgents: agents => agents.MaxEventDeliveryTime = TimeSpan.FromMilliseconds(300),
            configureStreams: streams => streams.UseAvroSchemaRegistry(
                new SchemaRegistryConfig { Url = registry.Url }, options => options.RetryDelay = TimeSpan.FromMilliseconds(retryDelay)));

    private static GenericRecord Record(int number)
    {
        var record = new GenericRecord(RecordSchema);
        record.Add("number", number);
        return record;
    }

    /// <param name="number">At most 63, which takes a byte.</param>
    private static byte[] Message(int id, int number) => [0, 0, 0, 0, (byte)id, (byte)(number * 2)];
}
