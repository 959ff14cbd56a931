using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>A subscriber that takes long delays the other streams of its partition neither in a call nor before its first call.</summary>
[Trait("Category", "System")]
public sealed class SlowSubscriberTests
{
    private const string Slow = "slow";
    private const int Streams = 20;

    /// <summary>The other streams wait for the bound of a handshake; the rest is for a busy machine. Orleans waits for a minute.</summary>
    private const int OthersWithinSeconds = 10;

    private readonly TaskCompletionSource _isSlow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayGoOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("activates")]
    [InlineData("subscribes")]
    [InlineData("receives")]
    public async Task Other_streams_of_the_partition_do_not_wait_for_a_grain_that_is_slow_when_it(string moment)
    {
        await using var cluster = await StartAsync();
        switch (moment)
        {
            case "activates":
                cluster.Journal.Activating = WaitAsync;
                break;
            case "subscribes":
                cluster.Journal.Subscribing = WaitAsync;
                break;
            default:
                cluster.Journal.Before = delivery => WaitAsync(delivery.Stream);
                break;
        }

        await cluster.ProduceAsync(ImplicitGrain.Namespace, Slow, 0, 5);
        await OthersAreDeliveredAsync(cluster);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, Slow, 5, 5);
        _mayGoOn.SetResult();

        await cluster.Journal.UntilAllAsync(Slow, 10);
        Assert.Equal(Enumerable.Range(0, 10), cluster.Journal.Of(Slow));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Other_streams_of_the_partition_do_not_wait_for_a_busy_grain_of_a_stream_that_begins(bool hasToken)
    {
        await using var cluster = await StartAsync();
        var grain = cluster.Grain("busy");
        await grain.Subscribe("a", "1", hasToken ? new KafkaSequenceToken(0, 0) : null);
        var call = grain.StayBusy();
        await cluster.Journal.IsBusy.Task;
        await cluster.ProduceAsync("a", "1", 0, 5);
        await Until.Async(() => StreamsOf(cluster) == (Streams / 2) + 1, () => $"{StreamsOf(cluster)} streams", TimeSpan.FromSeconds(20));
        _isSlow.SetResult();

        await OthersAreDeliveredAsync(cluster);
        cluster.Journal.MayGoOn.SetResult();
        await call;

        await cluster.Journal.UntilAllAsync("1", 5);
        Assert.Equal(Enumerable.Range(0, 5), cluster.Journal.Of("1"));
    }

    [Fact]
    public async Task Other_streams_of_the_partition_do_not_wait_for_a_grain_that_fails_to_activate()
    {
        await using var cluster = await StartAsync();
        cluster.Journal.Activating = key =>
        {
            if (key != Slow || _mayGoOn.Task.IsCompleted)
            {
                return Task.CompletedTask;
            }

            _isSlow.TrySetResult();
            throw new InvalidOperationException("The database is away.");
        };

        await cluster.ProduceAsync(ImplicitGrain.Namespace, Slow, 0, 5);
        await OthersAreDeliveredAsync(cluster);
        _mayGoOn.SetResult();

        await cluster.Journal.UntilAllAsync(Slow, 5);
        Assert.Equal(Enumerable.Range(0, 5), cluster.Journal.Of(Slow));
    }

    /// <summary>The streams that the agent of the partition has seen.</summary>
    private static int StreamsOf(StreamCluster cluster) => cluster.Caches.Single().Sum(cache => cache.Streams);

    private static string KeyOf(int stream) => $"other-{stream}";

    /// <summary>Starts a cluster with a partition whose agent knows some streams.</summary>
    private static async Task<StreamCluster> StartAsync()
    {
        var cluster = await StreamCluster.StartAsync(partitions: 1);
        await ProduceOthersAsync(cluster, 0, Streams / 2);
        return cluster;
    }

    /// <summary>Produces an event to each of the other streams, and waits for their deliveries.</summary>
    private static async Task ProduceOthersAsync(StreamCluster cluster, int number, int streams, int seconds = 30)
    {
        await Task.WhenAll(
            Enumerable.Range(0, streams).Select(stream => cluster.ProduceAsync(ImplicitGrain.Namespace, KeyOf(stream), number, 1)));
        await cluster.Journal.UntilAsync(
            journal => Enumerable.Range(0, streams).All(stream => journal.Of(KeyOf(stream)).Contains(number)), seconds);
    }

    /// <summary>Streams that the agent knows, and others that begin now, are delivered while the slow subscriber waits.</summary>
    private async Task OthersAreDeliveredAsync(StreamCluster cluster)
    {
        await _isSlow.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await ProduceOthersAsync(cluster, 1, Streams, OthersWithinSeconds);
    }

    private Task WaitAsync(string key)
    {
        if (key != Slow)
        {
            return Task.CompletedTask;
        }

        _isSlow.TrySetResult();
        return _mayGoOn.Task;
    }
}
