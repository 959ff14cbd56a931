using System.Globalization;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>
/// Silos that join, leave and are killed, topics that grow twice, and subscribers that come and go, for as long as
/// <c>KAFKA_STREAMS_SOAK</c> says, such as <c>00:10:00</c>.
/// </summary>
[Trait("Category", "System")]
public sealed class SoakTests
{
    private const int Keys = 30;
    private const int Partitions = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly string[] Namespaces = [ImplicitGrain.Namespace, ImplicitGrain.Json];

    [Fact]
    public async Task Nothing_is_lost_and_each_partition_keeps_its_order_whatever_the_cluster_does()
    {
        var length = Environment.GetEnvironmentVariable("KAFKA_STREAMS_SOAK");
        Assert.SkipWhen(length is null, "Takes long: set KAFKA_STREAMS_SOAK to its length, such as 00:10:00.");
        await using var cluster = await StreamCluster.StartAsync(
            silos: 2, partitions: RealKafka.IsGiven ? Partitions / 4 : Partitions, partitionsAtFirst: Partitions / 4);
        using var end = new CancellationTokenSource(TimeSpan.Parse(length!, CultureInfo.InvariantCulture));
        var production = ProduceAsync(cluster, end.Token);
        await DisturbAsync(cluster, end.Token);
        var count = await production;

        await Until.Async(
            () => Numbers(cluster) is var numbers && numbers.Count == Namespaces.Length * Keys
                && numbers.All(stream => stream.Value.Distinct().Count() == count),
            () => string.Join("; ", Numbers(cluster).Where(stream => stream.Value.Distinct().Count() != count)
                .Select(stream => $"{stream.Key}: {stream.Value.Distinct().Count()} of {count}").Take(10)),
            TimeSpan.FromMinutes(3));

        // Redelivery restarts at an earlier message and leaves no message out.
        foreach (var stream in cluster.Journal.All.Where(delivery => delivery.Subscriber == ImplicitGrain.Subscriber)
            .GroupBy(delivery => (delivery.Stream, delivery.Token.TopicId, delivery.Token.Partition)))
        {
            var firsts = stream.Select(delivery => delivery.Token.SequenceNumber).Distinct().ToList();
            Assert.Equal(firsts.Order(), firsts);
        }
    }

    private static async Task<int> ProduceAsync(StreamCluster cluster, CancellationToken end)
    {
        var number = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (; !end.IsCancellationRequested; number++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            await Task.WhenAll(Namespaces.SelectMany(name => Enumerable.Range(0, Keys)
                .Select(key => cluster.ProduceAsync(name, $"{name}-{key}", number, 1))));
        }

        return number;
    }

    private static async Task DisturbAsync(StreamCluster cluster, CancellationToken end)
    {
        var partitions = Partitions / 4;
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
                    var handle = await cluster.Stream(Namespaces[0], $"{Namespaces[0]}-0")
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
            [.. new[] { StreamCluster.Events, "json", "parts" }.Select(name => new Confluent.Kafka.Admin.PartitionsSpecification
            {
                Topic = cluster.TopicOf(name),
                IncreaseTo = partitions,
            })]);
    }

    private static Dictionary<string, List<int>> Numbers(StreamCluster cluster) => cluster.Journal.All
        .Where(delivery => delivery.Subscriber == ImplicitGrain.Subscriber).GroupBy(delivery => delivery.Stream)
        .ToDictionary(stream => stream.Key, stream => stream.Select(delivery => delivery.Event.Number).ToList());
}
