using Confluent.Kafka;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>Topics that get partitions, or are created again, while silos run and while they do not.</summary>
[Trait("Category", "System")]
public sealed class GrowthTests
{
    private const int Before = 4;
    private const int After = 8;
    private const int Keys = 40;

    [Theory]
    [InlineData(KafkaStartPosition.Latest)]
    [InlineData(KafkaStartPosition.Earliest)]
    public async Task Silos_that_run_read_added_partitions_from_their_beginning(KafkaStartPosition position)
    {
        await using var cluster = await StartAsync(position, silos: 2);
        await ProduceAsync(cluster, 0, 20);
        await UntilAllAsync(cluster, 20);

        await AddPartitionsAsync(cluster);
        await ProduceWithPartitionsAsync(cluster, 20, 10);
        await CheckAsync(cluster);
        await cluster.UntilReadAsync(After);
        await ProduceAsync(cluster, 30, 10);

        await UntilAllAsync(cluster, 40);
        await UntilCommittedAsync(cluster);
    }

    [Theory]
    [InlineData(KafkaStartPosition.Latest)]
    [InlineData(KafkaStartPosition.Earliest)]
    public async Task Partitions_that_were_added_while_no_silo_ran_are_read_from_their_beginning(KafkaStartPosition position)
    {
        await using var cluster = await StartAsync(position, silos: 1);
        await ProduceAsync(cluster, 0, 20);
        await UntilAllAsync(cluster, 20);
        await cluster.Cluster.StopSiloAsync(cluster.Cluster.Silos[0], TestContext.Current.CancellationToken);

        await AddPartitionsAsync(cluster);
        await ProduceWithPartitionsAsync(cluster, 20, 10);
        await cluster.Cluster.StartAdditionalSiloAsync();
        await cluster.UntilReadAsync(After);
        await cluster.Cluster.InitializeClientAsync(TestContext.Current.CancellationToken);
        await ProduceAsync(cluster, 30, 10);

        await UntilAllAsync(cluster, 40);
    }

    [Fact]
    public async Task A_client_that_resumes_by_the_token_of_the_last_partition_gets_all_that_came_in_the_next()
    {
        await using var cluster = await StartAsync(KafkaStartPosition.Earliest, silos: 1);
        var handles = new List<(string Key, Orleans.Streams.StreamSubscriptionHandle<Event> Handle)>();
        foreach (var key in Enumerable.Range(0, Keys).Select(i => $"{i}"))
        {
            handles.Add((key, await cluster.Stream("a", key).SubscribeAsync(new Recorder(cluster.Journal, "client", key))));
        }

        await Task.WhenAll(handles.Select(handle => cluster.ProduceAsync("a", handle.Key, 0, 10)));
        await cluster.Journal.UntilAsync(journal => journal.All.Count == Keys * 10);
        var tokens = cluster.Journal.All.GroupBy(delivery => delivery.Stream).ToDictionary(group => group.Key, group => group.Last().Token);
        await Task.WhenAll(handles.Select(handle => handle.Handle.UnsubscribeAsync()));
        await AddPartitionsAsync(cluster);
        await CheckAsync(cluster);
        await cluster.UntilReadAsync(After);
        await Task.WhenAll(handles.Select(handle => cluster.ProduceAsync("a", handle.Key, 10, 10)));
        await UntilEndsAreCommittedAsync(cluster);

        foreach (var (key, _) in handles)
        {
            await cluster.Stream("a", key).SubscribeAsync(new Recorder(cluster.Journal, "again", key), tokens[key]);
        }

        await Task.WhenAll(handles.Select(handle => cluster.ProduceAsync("a", handle.Key, 20, 1)));
        await cluster.Journal.UntilAsync(
            journal => handles.All(handle => Enumerable.Range(10, 11).All(journal.Of(handle.Key, "again").Contains)));
    }

    [Theory]
    [InlineData(KafkaStartPosition.Latest)]
    [InlineData(KafkaStartPosition.Earliest)]
    public async Task A_topic_that_is_deleted_and_created_again_is_read_from_its_beginning(KafkaStartPosition position)
    {
        Assert.SkipUnless(RealKafka.IsGiven, "Needs a real broker, which deletes topics: set KAFKA_HOME to an installation.");
        await using var cluster = await StartAsync(position, silos: 2);
        await ProduceAsync(cluster, 0, 20);
        await UntilAllAsync(cluster, 20);
        var topic = cluster.TopicOf(StreamCluster.Events);
        using (var admin = Admin(cluster))
        {
            await admin.DeleteTopicsAsync([topic]);
            await Until.Async(
                () => !admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Exists(found => found.Topic == topic),
                () => "the topic is still there",
                TimeSpan.FromSeconds(20));
            await admin.CreateTopicsAsync([new() { Name = topic, NumPartitions = Before }]);
        }

        await ProduceWithPartitionsAsync(cluster, 20, 10, Before);
        await CheckAsync(cluster);
        await cluster.UntilReadAsync(Before);
        await UntilAllAsync(cluster, 30);
        await ProduceWithPartitionsAsync(cluster, 30, 10, Before);

        await UntilAllAsync(cluster, 40);
    }

    private static Task<StreamCluster> StartAsync(KafkaStartPosition position, short silos) => StreamCluster.StartAsync(
        silos,
        RealKafka.IsGiven ? Before : After,
        partitionsAtFirst: Before,
        ownTopicsRead: 1,
        configure: options =>
        {
            options.StartPosition = position;
            foreach (var other in options.Topics.Where(topic => topic.Namespace is not null).ToList())
            {
                options.Topics.Remove(other);
            }
        });

    private static IAdminClient Admin(StreamCluster cluster) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = cluster.Servers }).Build();

    private static async Task AddPartitionsAsync(StreamCluster cluster)
    {
        if (cluster.Describer is { } embedded)
        {
            embedded.MaxPartitions = After;
            return;
        }

        using var admin = Admin(cluster);
        var topic = cluster.TopicOf(StreamCluster.Events);
        await admin.CreatePartitionsAsync([new() { Topic = topic, IncreaseTo = After }]);
        await Until.Async(
            () => admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count == After,
            () => "the partitions are not there",
            TimeSpan.FromSeconds(20));
    }

    /// <summary>Looks for changes now, in silos and in the client.</summary>
    private static async Task CheckAsync(StreamCluster cluster)
    {
        await Task.WhenAll(cluster.Connections.Select(connection => connection.Watch.CheckAsync()));
        await StreamCluster.ConnectionOf(cluster.Cluster.Client.ServiceProvider).Watch.CheckAsync();
    }

    private static Task ProduceAsync(StreamCluster cluster, int first, int count) => Task.WhenAll(
        Enumerable.Range(0, Keys).Select(key => cluster.ProduceAsync(ImplicitGrain.Namespace, $"{key}", first, count)));

    /// <summary>Produces as a process that knows all partitions already.</summary>
    private static async Task ProduceWithPartitionsAsync(StreamCluster cluster, int first, int count, int partitions = After)
    {
        var topic = cluster.TopicOf(StreamCluster.Events);
        var codec = StreamCluster.CodecOf(cluster.Cluster.Client.ServiceProvider);
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = cluster.Servers }).Build();
        foreach (var key in Enumerable.Range(0, Keys).Select(i => System.Text.Encoding.UTF8.GetBytes($"{i}")))
        {
            var target = new TopicPartition(topic, KafkaPartitioner.PartitionOf(key, partitions));
            foreach (var number in Enumerable.Range(first, count))
            {
                await producer.ProduceAsync(target, new()
                {
                    Key = key,
                    Value = codec.Encode([new Event(number)]),
                    Headers = new Headers { { "orleans-namespace", System.Text.Encoding.UTF8.GetBytes(ImplicitGrain.Namespace) } },
                });
            }
        }
    }

    private static Task UntilAllAsync(StreamCluster cluster, int count) => cluster.Journal.UntilAsync(
        journal => Enumerable.Range(0, Keys).All(key => journal.Of($"{key}").Distinct().Count() == count), seconds: 60);

    private static Task UntilCommittedAsync(StreamCluster cluster) => Until.Async(
        () => cluster.Committed(StreamCluster.Events, After).Sum() == Keys * 40,
        () => string.Join(", ", cluster.Committed(StreamCluster.Events, After)),
        TimeSpan.FromSeconds(20));

    private static Task UntilEndsAreCommittedAsync(StreamCluster cluster) => Until.Async(
        () => cluster.Committed(StreamCluster.Events, After).Sum() == Keys * 20,
        () => string.Join(", ", cluster.Committed(StreamCluster.Events, After)),
        TimeSpan.FromSeconds(20));
}
