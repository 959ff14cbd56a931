using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>
/// Silos that join, leave and are killed, topics that grow twice, and subscribers that come and go, for as long as
/// <c>KAFKA_STREAMS_SOAK</c> says, such as <c>00:10:00</c>, or for two minutes in the long form of the tests.
/// </summary>
[Trait("Category", "System")]
public sealed class SoakTests
{
    private const int Keys = 30;
    private const int Partitions = 8;
    private const int PartitionsAtFirst = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CommitCheckInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The time that a slow subscriber takes for an event: more than the interval of commits, so that a commit may be too early, and less
    /// than the interval of its events.
    /// </summary>
    private static readonly TimeSpan SlowDelivery = TimeSpan.FromMilliseconds(150);

    /// <summary>A topic for all namespaces, one of a namespace, and one with a stream for each partition.</summary>
    private static readonly Dictionary<string, string> Namespaces = new()
    {
        [StreamCluster.Events] = ImplicitGrain.Namespace,
        ["json"] = ImplicitGrain.Json,
        ["parts"] = ImplicitGrain.Parts,
    };

    private readonly DeliveredOffsets _delivered = new();
    private int _commitsSeen;

    [Fact]
    public async Task Nothing_is_lost_no_commit_is_ahead_and_each_partition_keeps_its_order_whatever_the_cluster_does()
    {
        var length = Environment.GetEnvironmentVariable("KAFKA_STREAMS_SOAK") ?? (TestLength.IsLong ? "00:02:00" : null);
        Assert.SkipWhen(length is null, "Takes long: set KAFKA_STREAMS_SOAK to its length, such as 00:10:00.");
        await using var cluster = await StreamCluster.StartAsync(
            silos: 2, partitions: RealKafka.IsGiven ? PartitionsAtFirst : Partitions, partitionsAtFirst: PartitionsAtFirst);
        cluster.Journal.Before = NoteAsync;
        using var end = new CancellationTokenSource(TimeSpan.Parse(length!, CultureInfo.InvariantCulture));
        using var settled = new CancellationTokenSource();
        var production = ProduceAsync(cluster, end.Token);
        var commits = CheckCommitsAsync(cluster, settled.Token);
        await DisturbAsync(cluster, end.Token);
        var count = await production;

        await UntilAllAsync(cluster, count);
        await UntilCommittedAsync(cluster);
        await settled.CancelAsync();
        await commits;

        // Redelivery restarts at an earlier message and leaves no message out.
        foreach (var stream in cluster.Journal.All.Where(delivery => delivery.Subscriber == ImplicitGrain.Subscriber)
            .GroupBy(delivery => (TopicOf(delivery), delivery.Stream, delivery.Token.TopicId, delivery.Token.Partition)))
        {
            var firsts = stream.Select(delivery => delivery.Token.SequenceNumber).Distinct().ToList();
            Assert.Equal(firsts.Order(), firsts);
        }

        Figures.Print($"stream soak {length}: {count * Keys * Namespaces.Count} events, {cluster.Journal.All.Count} deliveries, "
            + $"{_commitsSeen} committed offsets checked");
    }

    private static string SlowKey(string topic) => $"{topic}-0";

    private static string TopicOf(Delivery delivery) => delivery.Event.Text.Split('-')[0];

    private async Task NoteAsync(Delivery delivery)
    {
        if (delivery.Subscriber != ImplicitGrain.Subscriber)
        {
            return;
        }

        if (delivery.Event.Text == SlowKey(TopicOf(delivery)))
        {
            await Task.Delay(SlowDelivery);
        }

        _delivered.Add(TopicOf(delivery), delivery.Token.Partition!.Value, delivery.Token.SequenceNumber);
    }

    private static async Task<int> ProduceAsync(StreamCluster cluster, CancellationToken end)
    {
        // Another application writes the topic with a stream for each partition, by keys of its own.
        using var other = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = cluster.Servers,
            Partitioner = Partitioner.Murmur2Random,
            TopicMetadataRefreshIntervalMs = 1000,
        }).Build();
        var number = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (; !end.IsCancellationRequested; number++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            await Task.WhenAll(Namespaces.Keys.SelectMany(topic => Enumerable.Range(0, Keys)
                .Select(key => SendAsync(topic, new(number, $"{topic}-{key}")))));
        }

        return number;

        Task SendAsync(string topic, Event item) => Namespaces[topic] == ImplicitGrain.Parts
            ? other.ProduceAsync(
                cluster.TopicOf(topic),
                new() { Key = item.Text, Value = JsonSerializer.SerializeToUtf8Bytes(item, JsonSerializerOptions.Web) },
                CancellationToken.None)
            : cluster.Stream(Namespaces[topic], item.Text).OnNextAsync(item);
    }

    /// <summary>
    /// A message is received before the offset after it is committed. So what was committed when the group was asked must be received
    /// when the answer has come.
    /// </summary>
    private async Task CheckCommitsAsync(StreamCluster cluster, CancellationToken settled)
    {
        using var timer = new PeriodicTimer(CommitCheckInterval);
        while (!settled.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            foreach (var topic in Namespaces.Keys)
            {
                var committed = await Task.Run(() => cluster.Committed(topic, Partitions), CancellationToken.None);
                foreach (var (partition, offset) in committed.Index().Where(pair => pair.Item >= 0))
                {
                    var next = _delivered.NextOf(topic, partition);
                    Assert.True(offset <= next, $"{topic} [{partition}]: {offset} is committed, and offset {next} is not delivered");
                    _commitsSeen++;
                }
            }
        }
    }

    private static async Task DisturbAsync(StreamCluster cluster, CancellationToken end)
    {
        var partitions = PartitionsAtFirst;
        using var timer = new PeriodicTimer(Pause);
        for (var step = 0; !end.IsCancellationRequested; step++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var silos = cluster.Cluster.Silos;
            switch (step % 6)
            {
                case 0 or 3:
                    await cluster.Cluster.StartAdditionalSiloAsync();
                    break;
                case 1:
                    await cluster.Cluster.StopSiloAsync(silos[^1], CancellationToken.None);
                    break;
                case 4:
                    await cluster.Cluster.KillSiloAsync(silos[^1], CancellationToken.None);
                    break;
                case 2 when partitions < Partitions:
                    partitions *= 2;
                    await GrowAsync(cluster, partitions);
                    break;
                case 5:
                    var handle = await cluster.Stream(ImplicitGrain.Namespace, SlowKey(StreamCluster.Events))
                        .SubscribeAsync(new Recorder(cluster.Journal, "guest", "guest"));
                    await timer.WaitForNextTickAsync(CancellationToken.None);
                    await handle.UnsubscribeAsync();
                    break;
            }
        }
    }

    private static async Task GrowAsync(StreamCluster cluster, int partitions)
    {
        if (cluster.Describer is { } embedded)
        {
            embedded.MaxPartitions = partitions;
            return;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = cluster.Servers }).Build();
        await admin.CreatePartitionsAsync(
            [.. Namespaces.Keys.Select(topic => new Confluent.Kafka.Admin.PartitionsSpecification
            {
                Topic = cluster.TopicOf(topic),
                IncreaseTo = partitions,
            })]);
    }

    private static Task UntilAllAsync(StreamCluster cluster, int count) => Until.Async(
        () => Counts(cluster) is var counts && counts.Count == Namespaces.Count * Keys && counts.All(key => key.Value == count),
        () => string.Join(
            "; ", Counts(cluster).Where(key => key.Value != count).Select(key => $"{key.Key}: {key.Value} of {count}").Take(10)),
        TimeSpan.FromMinutes(3));

    /// <summary>All that was delivered is committed at the end: each partition that has messages.</summary>
    private Task UntilCommittedAsync(StreamCluster cluster) => Until.Async(
        () => Behind(cluster).Count == 0,
        () => string.Join("; ", Behind(cluster)),
        TimeSpan.FromSeconds(30));

    private List<string> Behind(StreamCluster cluster) =>
    [
        .. from topic in Namespaces.Keys
           from pair in cluster.Committed(topic, Partitions).Index()
           let next = _delivered.NextOf(topic, pair.Index)
           where next > 0 && pair.Item != next
           select $"{topic} [{pair.Index}]: {pair.Item} of {next}",
    ];

    /// <summary>The number of different events by topic and key.</summary>
    private static Dictionary<string, int> Counts(StreamCluster cluster) => cluster.Journal.All
        .Where(delivery => delivery.Subscriber == ImplicitGrain.Subscriber).GroupBy(delivery => delivery.Event.Text)
        .ToDictionary(key => key.Key, key => key.Select(delivery => delivery.Event.Number).Distinct().Count());
}
