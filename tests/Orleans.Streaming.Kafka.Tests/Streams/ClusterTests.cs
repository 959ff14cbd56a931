using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

[Trait("Category", "System")]
public sealed class ClusterTests
{
    private const int Partitions = 8;
    private const int Keys = 40;

    [Fact]
    public async Task Nothing_is_lost_when_a_silo_is_killed()
    {
        await using var cluster = await StreamCluster.StartAsync(silos: 2, partitions: Partitions);
        await SubscribeAsync(cluster);
        await ProduceAsync(cluster, 0, 50);

        var production = ProduceAsync(cluster, 50, 100);
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos[1], TestContext.Current.CancellationToken);
        await production;

        await UntilAllAsync(cluster, 150);
    }

    [Fact]
    public async Task Silos_that_join_and_leave_take_partitions_over_and_nothing_is_lost()
    {
        await using var cluster = await StreamCluster.StartAsync(silos: 1, partitions: Partitions);
        await SubscribeAsync(cluster);
        await ProduceAsync(cluster, 0, 20);

        var joining = ProduceAsync(cluster, 20, 50);
        var second = await cluster.Cluster.StartAdditionalSiloAsync();
        await joining;
        await UntilSharedAsync(cluster, 2);
        await UntilAllAsync(cluster, 70);

        var leaving = ProduceAsync(cluster, 70, 50);
        await cluster.Cluster.StopSiloAsync(second, TestContext.Current.CancellationToken);
        await leaving;
        await UntilSharedAsync(cluster, 1);
        await UntilAllAsync(cluster, 120);
    }

    [Fact]
    public async Task What_comes_while_a_new_subscriber_is_busy_is_not_lost_with_the_silo()
    {
        await using var cluster = await StreamCluster.StartAsync(silos: 1, partitions: 1);
        await cluster.Grain("one").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 0, 10);
        await cluster.Journal.UntilAllAsync("1", 10, "one");
        await Until.Async(
            () => cluster.Committed(StreamCluster.Events, 1)[0] == 10, () => "10 are not committed", TimeSpan.FromSeconds(10));
        _ = cluster.Grain("late").SubscribeAndStayBusy("a", "1");
        await cluster.Journal.IsBusy.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await cluster.ProduceAsync("a", "1", 10, 10);
        await cluster.Journal.UntilAllAsync("1", 20, "one");
        await cluster.ProduceAsync("b", "2", 20, 1);
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos[0], TestContext.Current.CancellationToken);
        cluster.Journal.MayGoOn.TrySetResult();
        Assert.Equal(10, cluster.Committed(StreamCluster.Events, 1)[0]);

        await cluster.Cluster.StartAdditionalSiloAsync();
        await cluster.Journal.UntilAllAsync("1", 10, "late");
        Assert.Equal(Enumerable.Range(10, 10), cluster.Journal.Of("1", "late").Distinct());
    }

    [Fact]
    public async Task Silos_that_are_started_again_go_on_where_the_last_ones_have_committed()
    {
        await using var cluster = await StreamCluster.StartAsync(partitions: 1);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 100);
        await cluster.Journal.UntilAllAsync("1", 100);

        await cluster.Cluster.StopSiloAsync(cluster.Cluster.Silos[0], TestContext.Current.CancellationToken);
        Assert.InRange(cluster.Committed(StreamCluster.Events, 1)[0], 99, 100);
        await cluster.Cluster.StartAdditionalSiloAsync();
        await UntilSharedAsync(cluster, 1, partitions: 3);
        await cluster.Cluster.InitializeClientAsync(TestContext.Current.CancellationToken);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 100, 10);

        await cluster.Journal.UntilAllAsync("1", 110);
        Assert.InRange(cluster.Journal.All.Count, 110, 111);
    }

    [Fact]
    public async Task Where_a_silo_began_at_the_latest_the_next_one_goes_on()
    {
        await using var cluster = await StreamCluster.StartAsync(
            partitions: 1, configure: options => options.StartPosition = KafkaStartPosition.Latest);
        await Until.Async(
            () => cluster.Committed("json", 1)[0] == 0,
            () => $"{cluster.Committed("json", 1)[0]} is committed",
            TimeSpan.FromSeconds(10));

        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos[0], TestContext.Current.CancellationToken);
        await cluster.SendAsync("json", "1", """{"number":0}""");
        await cluster.Cluster.StartAdditionalSiloAsync();

        await cluster.Journal.UntilAllAsync("1", 1);
    }

    private static Task SubscribeAsync(StreamCluster cluster) => Task.WhenAll(
        cluster.Grain("explicit").Subscribe("a", "1", null), cluster.Grain("explicit").Subscribe("b", "2", null));

    private static Task ProduceAsync(StreamCluster cluster, int first, int count) => Task.WhenAll(
        Enumerable.Range(0, Keys).Select(key => cluster.ProduceAsync(ImplicitGrain.Namespace, $"{key}", first, count))
            .Append(cluster.ProduceAsync("a", "1", first, count)).Append(cluster.ProduceAsync("b", "2", first, count)));

    private static async Task UntilAllAsync(StreamCluster cluster, int count)
    {
        await cluster.Journal.UntilAsync(
            journal => Enumerable.Range(0, Keys).All(key => Distinct(journal, $"{key}", ImplicitGrain.Subscriber) == count)
                && Distinct(journal, "1", "explicit") == count && Distinct(journal, "2", "explicit") == count,
            seconds: 90);

        // Redelivery restarts at an earlier message and leaves no message out.
        Assert.All(Enumerable.Range(0, Keys), key =>
        {
            var numbers = cluster.Journal.Of($"{key}", ImplicitGrain.Subscriber);
            Assert.All(
                numbers.Zip(numbers.Skip(1)),
                pair => Assert.True(pair.Second <= pair.First + 1, $"{key}: {pair.Second} after {pair.First}"));
        });
    }

    private static int Distinct(Journal journal, string stream, string subscriber) => journal.Of(stream, subscriber).Distinct().Count();

    private static async Task UntilSharedAsync(StreamCluster cluster, int silos, int partitions = 3 * Partitions)
    {
        await cluster.UntilReadAsync(partitions);
        await Until.Async(
            () => cluster.Caches.Count(caches => caches.Length > 0) == silos,
            () => string.Join(" and ", cluster.Caches.Select(caches => caches.Length)),
            TimeSpan.FromSeconds(30));
    }
}
