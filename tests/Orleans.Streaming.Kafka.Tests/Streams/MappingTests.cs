using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>Streams whose topics and keys are not those of the namespace and the stream's key.</summary>
[Trait("Category", "System")]
public sealed class MappingTests
{
    [Fact]
    public async Task A_mapper_gives_messages_of_other_applications_to_streams_and_events_the_keys_that_they_expect()
    {
        await using var cluster = await StartAsync(new Customers());

        await cluster.SendAsync("json", "customer-7", """{"number":0}""");
        await cluster.ProduceAsync(ImplicitGrain.Json, "7", 1, 1);

        await cluster.Journal.UntilAllAsync("7", 2);
        Assert.Equal(
            ["customer-7", "customer-7"],
            cluster.Messages("json", 2).Select(message => Encoding.UTF8.GetString(message.Message.Key!)));
    }

    [Fact]
    public async Task A_dead_letter_has_the_key_of_its_message()
    {
        await using var cluster = await StartAsync(new Customers(), partitions: 1);

        await cluster.SendAsync("json", "customer-7", "{");
        await cluster.SendAsync("parts", "other", "{");
        await cluster.SendAsync("json", null, "{");

        await Until.Async(() => cluster.Messages("dlq", 1).Count == 3, () => "not all are dead letters", TimeSpan.FromSeconds(20));
        Assert.Equal(
            ["", "customer-7", "other"],
            cluster.Messages("dlq", 1).Select(letter => Encoding.UTF8.GetString(letter.Message.Key ?? [])).Order());
    }

    [Fact]
    public async Task Nothing_is_lost_while_a_mapper_fails()
    {
        var mapper = new Customers { Failure = new InvalidOperationException("The table of customers is away.") };
        await using var cluster = await StartAsync(mapper, partitions: 1);
        await cluster.SendAsync("json", "customer-7", """{"number":0}""");
        await cluster.SendAsync("json", "customer-8", """{"number":0}""");
        await Until.Async(() => mapper.Failures >= 3, () => $"{mapper.Failures} failures", TimeSpan.FromSeconds(20));
        Assert.Empty(cluster.Journal.All);

        mapper.Failure = null;

        await cluster.Journal.UntilAllAsync("7", 1);
        await cluster.Journal.UntilAllAsync("8", 1);
        Assert.Empty(cluster.Messages("dlq", 1));
    }

    [Fact]
    public async Task Topics_that_a_pattern_matches_have_namespaces_by_their_names()
    {
        await using var cluster = await StartAsync(options => Replace(options, "(json|parts)", "$1"), topics: ["json", "parts"]);

        await cluster.SendAsync("json", "7", """{"number":0}""");
        await cluster.ProduceAsync(ImplicitGrain.Parts, "7", 1, 1);

        await cluster.Journal.UntilAllAsync("7", 2);
        Assert.Single(cluster.Messages("json", 2));
        Assert.Single(cluster.Messages("parts", 2));
    }

    [Fact]
    public async Task A_stream_may_have_the_messages_of_several_topics()
    {
        await using var cluster = await StartAsync(
            options => Replace(options, "(json|parts)", ImplicitGrain.Json), topics: ["json", "parts"]);

        for (var number = 0; number < 40; number++)
        {
            await cluster.SendAsync(number % 2 == 0 ? "json" : "parts", "7", $$"""{"number":{{number}}}""");
        }

        await cluster.Journal.UntilAllAsync("7", 40);
        foreach (var topic in new[] { "json", "parts" })
        {
            await Until.Async(
                () => cluster.Committed(topic, 2).Sum() == 20,
                () => string.Join(", ", cluster.Committed(topic, 2)),
                TimeSpan.FromSeconds(20));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_topic_that_appears_is_read_from_its_beginning_whatever_the_start_position(bool isStopped)
    {
        await using var cluster = await StartAsync(
            options =>
            {
                Replace(options, "(later)", ImplicitGrain.Json);
                options.StartPosition = KafkaStartPosition.Latest;
            },
            topicsRead: 1);
        if (isStopped)
        {
            await cluster.Cluster.StopSiloAsync(cluster.Cluster.Silos[0], TestContext.Current.CancellationToken);
            await cluster.CreateTopicAsync("later", partitions: 2);
            await cluster.SendAsync("later", "7", """{"number":0}""");
            await cluster.Cluster.StartAdditionalSiloAsync();
            await cluster.Journal.UntilAllAsync("7", 1);
            return;
        }

        await cluster.CreateTopicAsync("later", partitions: 2);
        await cluster.SendAsync("later", "7", """{"number":0}""");

        await Until.Async(
            async () =>
            {
                await cluster.CommandAsync((PersistentStreamProviderCommand)KafkaStreamCommand.FindPartitions);
                return cluster.Journal.Of("7").Length > 0;
            },
            () => "no delivery",
            TimeSpan.FromSeconds(30));
    }

    private static Task<StreamCluster> StartAsync(Action<KafkaStreamOptions> configure, int topicsRead = 3, string[]? topics = null) =>
        StreamCluster.StartAsync(configure: configure, ownTopicsRead: topicsRead, topics: topics);

    private static Task<StreamCluster> StartAsync(Customers mapper, int partitions = 2) => StreamCluster.StartAsync(
        partitions: partitions,
        configure: options => mapper.Topic = options.Topics[1].Name,
        configureStreams: streams => streams.UseStreamMapper(_ => mapper));

    /// <summary>Replaces the topics for JSON by a pattern.</summary>
    private static void Replace(KafkaStreamOptions options, string name, string streamNamespace)
    {
        var prefix = options.ConsumerGroup![..^"group".Length];
        options.Topics.RemoveAt(2);
        options.Topics[1] = new() { Name = $"^{Regex.Escape(prefix)}{name}$", Namespace = streamNamespace, Format = "json" };
    }

    /// <summary>Maps the stream of a customer to the key with a prefix.</summary>
    private sealed class Customers : IKafkaStreamMapper
    {
        private const string Prefix = "customer-";

        private int _failures;

        public string Topic { get; set; } = "";

        public Exception? Failure { get; set; }

        public int Failures => _failures;

        public KafkaStreamAddress? AddressOf(StreamId stream) => stream.GetNamespace() == ImplicitGrain.Json
            ? new(Topic, Encoding.UTF8.GetBytes($"{Prefix}{stream.GetKeyAsString()}"))
            : null;

        public StreamId? StreamOf(KafkaStreamAddress address, Headers headers)
        {
            if (Failure is { } failure)
            {
                Interlocked.Increment(ref _failures);
                throw failure;
            }

            return address.Key is { } key && Encoding.UTF8.GetString(key) is var text && text.StartsWith(Prefix, StringComparison.Ordinal)
                ? StreamId.Create(ImplicitGrain.Json, text[Prefix.Length..])
                : null;
        }
    }
}
