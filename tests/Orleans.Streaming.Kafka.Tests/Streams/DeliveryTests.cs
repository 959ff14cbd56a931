using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

[Trait("Category", "System")]
public sealed class DeliveryTests
{
    [Fact]
    public async Task What_is_produced_is_given_to_implicit_subscribers_once_and_in_order()
    {
        await using var cluster = await StreamCluster.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(key => cluster.ProduceAsync(ImplicitGrain.Namespace, $"key-{key}", 0, 50)));

        await cluster.Journal.UntilAsync(journal => journal.All.Count >= 20 * 50);
        Assert.All(Enumerable.Range(0, 20), key => Assert.Equal(Enumerable.Range(0, 50), cluster.Journal.Of($"key-{key}")));
    }

    [Fact]
    public async Task Explicit_subscribers_get_what_comes_after_they_have_subscribed()
    {
        await using var cluster = await StreamCluster.StartAsync();
        var grain = cluster.Grain("one");
        await grain.Subscribe("a", "1", null);

        await grain.Produce("a", "1", 0, 10);

        await cluster.Journal.UntilAllAsync("1", 10);
        Assert.Equal(Enumerable.Range(0, 10), cluster.Journal.Of("1", "one"));
    }

    [Fact]
    public async Task A_stream_has_many_subscribers()
    {
        await using var cluster = await StreamCluster.StartAsync();
        foreach (var name in new[] { "one", "two", "three", "four", "five" })
        {
            await cluster.Grain(name).Subscribe(ImplicitGrain.Namespace, "1", null);
        }

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 100);

        string[] subscribers = ["one", "two", "three", "four", "five", ImplicitGrain.Subscriber];
        await cluster.Journal.UntilAsync(journal => journal.All.Count >= 600);
        Assert.All(subscribers, subscriber => Assert.Equal(Enumerable.Range(0, 100), cluster.Journal.Of("1", subscriber)));
    }

    [Fact]
    public async Task Who_unsubscribes_gets_nothing_more_and_the_others_do()
    {
        await using var cluster = await StreamCluster.StartAsync();
        await cluster.Grain("one").Subscribe("a", "1", null);
        await cluster.Grain("two").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 0, 10);
        await cluster.Journal.UntilAsync(journal => journal.All.Count >= 20);

        await cluster.Grain("one").Unsubscribe("a", "1");
        await cluster.ProduceAsync("a", "1", 10, 10);

        await cluster.Journal.UntilAllAsync("1", 20, "two");
        Assert.Equal(Enumerable.Range(0, 10), cluster.Journal.Of("1", "one"));
    }

    [Fact]
    public async Task A_grain_that_was_deactivated_goes_on_where_it_was()
    {
        await using var cluster = await StreamCluster.StartAsync();
        await cluster.Grain("one").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 0, 10);
        await cluster.Journal.UntilAllAsync("1", 10);

        await cluster.Grain("one").Deactivate();
        await cluster.ProduceAsync("a", "1", 10, 10);

        await cluster.Journal.UntilAllAsync("1", 20);
        Assert.Equal(Enumerable.Range(0, 20), cluster.Journal.Of("1", "one"));
    }

    [Fact]
    public async Task A_batch_is_one_message_and_its_events_have_places_of_their_own()
    {
        await using var cluster = await StreamCluster.StartAsync();

        await cluster.Stream(ImplicitGrain.Namespace, "1").OnNextBatchAsync(Enumerable.Range(0, 30).Select(number => new Event(number)));

        await cluster.Journal.UntilAllAsync("1", 30);
        Assert.Single(cluster.Messages(StreamCluster.Events, 2));
        Assert.Equal(Enumerable.Range(0, 30), cluster.Journal.All.Select(delivery => delivery.Token.EventIndex));
        Assert.Single(cluster.Journal.All.Select(delivery => delivery.Token.SequenceNumber).Distinct());
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_a_message_becomes_several()
    {
        await using var cluster = await StreamCluster.StartAsync(configure: options => options.MaxMessageBytes = 10_000);
        var text = new string('x', 1_000);

        await cluster.Stream(ImplicitGrain.Namespace, "1")
            .OnNextBatchAsync(Enumerable.Range(0, 30).Select(number => new Event(number, text)));

        await cluster.Journal.UntilAllAsync("1", 30);
        Assert.Equal(Enumerable.Range(0, 30), cluster.Journal.Of("1"));
        Assert.All(cluster.Messages(StreamCluster.Events, 2), message => Assert.InRange(message.Message.Value!.Length, 1, 10_000));
    }

    [Fact]
    public async Task Batches_are_delivered_as_batches_to_those_who_take_them()
    {
        await using var cluster = await StreamCluster.StartAsync(configureAgents: agents => agents.BatchContainerBatchSize = 10);
        await cluster.Grain("one").SubscribeToBatches("a", "1");
        await cluster.Stream("a", "1").OnNextAsync(new(0));
        await cluster.Journal.UntilAllAsync("1", 1);

        await cluster.Stream("a", "1").OnNextBatchAsync(Enumerable.Range(1, 30).Select(number => new Event(number)));

        await cluster.Journal.UntilAllAsync("1", 31);
        Assert.Equal(Enumerable.Range(0, 31), cluster.Journal.Of("1"));
        Assert.Contains(cluster.Journal.All, delivery => delivery.Subscriber == "one/30");
    }

    [Fact]
    public async Task A_client_subscribes_and_produces_like_a_grain()
    {
        await using var cluster = await StreamCluster.StartAsync();
        var handle = await cluster.Stream("a", "1").SubscribeAsync(new Recorder(cluster.Journal, "client", "1"));
        await cluster.ProduceAsync("a", "1", 0, 50);
        await cluster.Journal.UntilAllAsync("1", 50);

        await handle.UnsubscribeAsync();
        await cluster.Grain("one").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 50, 10);

        await cluster.Journal.UntilAllAsync("1", 10, "one");
        Assert.Equal(Enumerable.Range(0, 50), cluster.Journal.Of("1", "client"));
    }

    [Fact]
    public async Task Silos_and_clients_produce_without_a_handle_and_keep_the_order()
    {
        await using var cluster = await StreamCluster.StartAsync();
        var fromClient = StreamCluster.ProducerOf(cluster.Cluster.Client.ServiceProvider);
        var fromSilo = StreamCluster.ProducerOf(cluster.Cluster.Silos[0].ServiceProvider);

        await fromClient.ProduceAsync(cluster.Stream(ImplicitGrain.Namespace, "1").StreamId, Events(0, 50));
        await fromSilo.ProduceAsync(cluster.Stream(ImplicitGrain.Namespace, "1").StreamId, Events(50, 50));

        await cluster.Journal.UntilAllAsync("1", 100);
        Assert.Equal(Enumerable.Range(0, 100), cluster.Journal.Of("1"));

        static IEnumerable<Event> Events(int first, int count) => Enumerable.Range(first, count).Select(number => new Event(number));
    }

    [Fact]
    public async Task The_request_context_travels_with_what_is_produced_without_a_handle()
    {
        await using var cluster = await StreamCluster.StartAsync();
        var seen = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Journal.Before = _ =>
        {
            seen.TrySetResult(RequestContext.Get("tenant"));
            return Task.CompletedTask;
        };

        RequestContext.Set("tenant", 42);
        await StreamCluster.ProducerOf(cluster.Cluster.Client.ServiceProvider)
            .ProduceAsync(cluster.Stream(ImplicitGrain.Namespace, "1").StreamId, [new Event(1)]);
        RequestContext.Clear();

        Assert.Equal(42, await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Calls_that_are_not_awaited_keep_their_order()
    {
        await using var cluster = await StreamCluster.StartAsync(configure: options =>
        {
            var configure = options.ConfigureClient;
            options.ConfigureClient = client =>
            {
                configure!(client);

                // A queue so small that it is full at most calls.
                client.Set("queue.buffering.max.messages", "20");
            };
        });

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 2_000);

        await cluster.Journal.UntilAllAsync("1", 2_000);
        Assert.Equal(Enumerable.Range(0, 2_000), cluster.Journal.Of("1"));
    }
}
