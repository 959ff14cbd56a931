using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

[Trait("Category", "System")]
public sealed class OutageTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Nothing_is_lost_while_the_broker_is_away()
    {
        await using var cluster = await StreamCluster.StartAsync(isToBeStopped: true, configure: options =>
        {
            var configure = options.ConfigureClient;
            options.ConfigureClient = client =>
            {
                configure!(client);

                // The embedded broker does not answer the requests in flight.
                client.SocketTimeoutMs = 3_000;
            };
        });
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 100);
        await cluster.Journal.UntilAllAsync("1", 100);

        await cluster.StopBrokerAsync();
        var production = cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 100, 100);
        using var outage = new PeriodicTimer(Outage);
        await outage.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        Assert.False(production.IsCompleted);
        Assert.Equal(100, cluster.Journal.All.Count);
        await cluster.StartBrokerAsync();

        await production;
        await cluster.Journal.UntilAllAsync("1", 200, seconds: 60);
        Assert.Equal(Enumerable.Range(0, 200), cluster.Journal.Of("1"));
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 200, 10);
        await cluster.Journal.UntilAllAsync("1", 210, seconds: 60);
        await Until.Async(
            () => cluster.Committed(StreamCluster.Events, 2).Max() == 210,
            () => string.Join(", ", cluster.Committed(StreamCluster.Events, 2)),
            TimeSpan.FromSeconds(30));
    }
}
