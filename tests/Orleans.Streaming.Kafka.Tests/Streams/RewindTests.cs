using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

[Trait("Category", "System")]
public sealed class RewindTests
{
    private const int Count = 300;

    [Fact]
    public async Task A_subscription_begins_at_a_token_within_the_cache()
    {
        await using var cluster = await StreamCluster.StartAsync();
        var token = await ProduceAndFindAsync(cluster, 100);

        await cluster.Grain("late").Subscribe("a", "1", token);

        await cluster.Journal.UntilAllAsync("1", Count - 100, "late");
        Assert.Equal(Enumerable.Range(100, Count - 100), cluster.Journal.Of("1", "late"));
    }

    [Fact]
    public async Task A_cold_stream_is_rewound_past_the_cache_by_reading_kafka_again()
    {
        await using var cluster = await StreamCluster.StartAsync(configure: options => options.CacheAge = TimeSpan.Zero);
        var token = await ProduceAndFindAsync(cluster, 100);
        await UntilCachesAreEmptyAsync(cluster);

        await cluster.Grain("late").Subscribe("a", "1", token);

        await cluster.Journal.UntilAllAsync("1", Count - 100, "late");
        await cluster.ProduceAsync("a", "1", Count, 20);
        await cluster.Journal.UntilAllAsync("1", Count + 20 - 100, "late");
        await cluster.Journal.UntilAllAsync("1", Count + 20, "first");
        Assert.Equal(Enumerable.Range(100, Count + 20 - 100), cluster.Journal.Of("1", "late"));
        Assert.Equal(Enumerable.Range(0, Count + 20), cluster.Journal.Of("1", "first"));
    }

    [Fact]
    public async Task A_stream_is_rewound_to_its_beginning_while_events_go_on_coming()
    {
        await using var cluster = await StreamCluster.StartAsync(configure: options => options.CacheAge = TimeSpan.Zero);
        await ProduceAndFindAsync(cluster, 0);
        await cluster.ProduceAsync("a", "2", 0, Count);
        await UntilCachesAreEmptyAsync(cluster);

        var production = Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => cluster.Grain($"producer-{i}").Produce("a", "1", Count + (i * 50), 50)));
        await cluster.Grain("late").Subscribe("a", "1", KafkaSequenceToken.Beginning);
        await production;

        await cluster.Journal.UntilAllAsync("1", Count + 500, "late");
        await cluster.Journal.UntilAllAsync("1", Count + 500, "first");
        Assert.Equal(cluster.Journal.Of("1", "first"), cluster.Journal.Of("1", "late"));
    }

    [Fact]
    public async Task A_subscriber_far_behind_gets_everything_though_the_cache_is_full_of_what_waits_for_it()
    {
        const int Old = 2_000;
        const int New = 3_000;
        await using var cluster = await StreamCluster.StartAsync(
            partitions: 1, configure: options => (options.CacheBytes, options.CacheAge) = (64 * 1024, TimeSpan.Zero));
        await cluster.Grain("first").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 0, Old);
        await cluster.Journal.UntilAllAsync("1", Old);
        await UntilCachesAreEmptyAsync(cluster);
        var waits = new TaskCompletionSource();
        cluster.Journal.Before = delivery => delivery.Subscriber == "late" ? waits.Task : Task.CompletedTask;

        await cluster.Grain("late").Subscribe("a", "1", KafkaSequenceToken.Beginning);
        await cluster.ProduceAsync("a", "1", Old, New);
        await Until.Async(
            () => cluster.Caches.Any(caches => caches.Any(cache => cache.IsFull)), () => "no cache is full", TimeSpan.FromSeconds(10));
        Assert.InRange(cluster.Committed(StreamCluster.Events, 1)[0], 0, Old);
        waits.SetResult();

        await cluster.Journal.UntilAllAsync("1", Old + New, "late");
        await cluster.Journal.UntilAllAsync("1", Old + New, "first");
        Assert.Equal(Enumerable.Range(0, Old + New), cluster.Journal.Of("1", "late"));
        await Until.Async(
            () => cluster.Committed(StreamCluster.Events, 1)[0] == Old + New,
            () => $"{cluster.Committed(StreamCluster.Events, 1)[0]} is committed",
            TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_subscriber_whose_rewind_waits_for_another_one_is_not_let_go()
    {
        // More messages than the limit of a rewind.
        const int Old = 1_500;
        await using var cluster = await StreamCluster.StartAsync(
            partitions: 1,
            configure: options => options.CacheAge = TimeSpan.Zero,
            configureAgents: agents => agents.StreamInactivityPeriod = TimeSpan.FromSeconds(1));
        await cluster.Grain("first").Subscribe("a", "1", null);
        await cluster.Grain("first").Subscribe("b", "2", null);
        await cluster.ProduceAsync("b", "2", 0, 10);
        await cluster.ProduceAsync("a", "1", 0, Old);
        await cluster.Journal.UntilAllAsync("1", Old);
        await UntilCachesAreEmptyAsync(cluster);
        await cluster.ProduceAsync("b", "2", 10, 1);
        await cluster.Journal.UntilAllAsync("2", 11);
        var waits = new TaskCompletionSource();
        cluster.Journal.Before = delivery => delivery is { Subscriber: "late", Stream: "1" } ? waits.Task : Task.CompletedTask;
        await cluster.Grain("late").Subscribe("a", "1", KafkaSequenceToken.Beginning);
        await cluster.ProduceAsync("a", "1", Old, 1);
        await cluster.Grain("later").Subscribe("b", "2", KafkaSequenceToken.Beginning);
        await cluster.ProduceAsync("b", "2", 11, 1);

        // Meanwhile the agent of another partition drops a later stream twice.
        for (var round = 0; round < 2; round++)
        {
            await cluster.SendAsync("json", "3", $$"""{"number":{{round}}}""");
            await cluster.Journal.UntilAllAsync("3", round + 1);
            var json = cluster.Caches.Single().Where(cache => cache.Completed == round + 1 && cache.Streams <= 1);
            await Until.Async(() => json.Any(cache => cache.Streams == 0), () => "the stream is not let go", TimeSpan.FromSeconds(20));
        }

        waits.SetResult();

        await cluster.Journal.UntilAllAsync("2", 12, "later");
        await cluster.Journal.UntilAllAsync("1", Old + 1, "late");
    }

    [Fact]
    public async Task A_rewind_does_not_wait_for_another_subscriber_that_stands_still()
    {
        const int Old = 3_000;
        await using var cluster = await StreamCluster.StartAsync(partitions: 1, configure: options => options.CacheAge = TimeSpan.Zero);
        await cluster.Grain("first").Subscribe("a", "1", null);
        await cluster.Grain("first").Subscribe("b", "2", null);
        await Task.WhenAll(cluster.ProduceAsync("a", "1", 0, Old), cluster.ProduceAsync("b", "2", 0, Old));
        await cluster.Journal.UntilAllAsync("1", Old);
        await cluster.Journal.UntilAllAsync("2", Old);
        await UntilCachesAreEmptyAsync(cluster);
        var waits = new TaskCompletionSource();
        cluster.Journal.Before = delivery => delivery is { Subscriber: "still" } ? waits.Task : Task.CompletedTask;

        await cluster.Grain("still").Subscribe("a", "1", KafkaSequenceToken.Beginning);
        await cluster.Grain("quick").Subscribe("b", "2", KafkaSequenceToken.Beginning);
        await Task.WhenAll(cluster.ProduceAsync("a", "1", Old, 1), cluster.ProduceAsync("b", "2", Old, 1));

        await cluster.Journal.UntilAllAsync("2", Old + 1, "quick");
        Assert.Empty(cluster.Journal.Of("1", "still"));
        waits.SetResult();
        await cluster.Journal.UntilAllAsync("1", Old + 1, "still");
        Assert.Equal(Enumerable.Range(0, Old + 1), cluster.Journal.Of("1", "still").Distinct());
    }

    [Fact]
    public async Task A_token_in_the_middle_of_a_batch_is_resumed_from_there()
    {
        await using var cluster = await StreamCluster.StartAsync();
        await cluster.Grain("first").Subscribe("a", "1", null);
        await cluster.Stream("a", "1").OnNextBatchAsync(Enumerable.Range(0, 10).Select(number => new Event(number)));
        await cluster.Journal.UntilAllAsync("1", 10);

        await cluster.Grain("late").Subscribe("a", "1", cluster.Journal.All.ElementAt(7).Token);

        await cluster.Journal.UntilAllAsync("1", 3, "late");
        Assert.Equal([7, 8, 9], cluster.Journal.Of("1", "late"));
    }

    [Fact]
    public async Task A_subscriber_that_was_given_what_it_has_already_is_not_given_it_for_ever()
    {
        // The agent drops streams at once, and asks their subscribers for their positions at the next message.
        await using var cluster = await StreamCluster.StartAsync(
            configure: options => options.CacheAge = TimeSpan.Zero,
            configureAgents: agents => agents.StreamInactivityPeriod = TimeSpan.FromMilliseconds(100));
        for (var round = 0; round < 5; round++)
        {
            await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", round * 10, 10);
            await cluster.Journal.UntilAllAsync("1", (round + 1) * 10);
            await Until.Async(
                () => cluster.Caches.All(caches => caches.All(cache => cache.Streams == 0)),
                () => "the streams are not forgotten",
                TimeSpan.FromSeconds(10));
        }

        Assert.Equal(Enumerable.Range(0, 50), cluster.Journal.Of("1"));
    }

    /// <returns>The token of the event.</returns>
    private static async Task<KafkaSequenceToken> ProduceAndFindAsync(StreamCluster cluster, int number)
    {
        await cluster.Grain("first").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 0, Count);
        await cluster.Journal.UntilAllAsync("1", Count);
        return cluster.Journal.All.Single(delivery => delivery.Event.Number == number).Token;
    }

    private static Task UntilCachesAreEmptyAsync(StreamCluster cluster) => Until.Async(
        () => cluster.Caches.All(caches => caches.All(cache => cache.Bytes == 0)),
        () => string.Join(", ", cluster.Caches.SelectMany(caches => caches.Select(cache => cache.Bytes))),
        TimeSpan.FromSeconds(10));
}
