using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Tests.Clusters;
using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Streams;

[Trait("Category", "System")]
public sealed class FailureTests
{
    private const int Poison = 5;

    [Fact]
    public async Task A_message_that_cannot_be_delivered_becomes_a_dead_letter_with_the_error_and_the_stream_goes_on()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.DeadLetter);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);

        await cluster.Journal.UntilAllAsync("1", 9);

        // Messages of the same call may arrive twice.
        Assert.Equal(Enumerable.Range(0, 10).Where(number => number != Poison), cluster.Journal.Of("1").Distinct());
        await UntilCommittedAsync(cluster, 10);
        var deadLetter = Assert.Single(cluster.Messages("dlq", 1)).Message;
        Assert.Equal("The event 5 is poison.", Text("error"));
        Assert.Equal(typeof(InvalidOperationException).FullName, Text("error.type"));
        Assert.Equal(cluster.TopicOf(StreamCluster.Events), Text("source.topic"));
        Assert.Equal("0", Text("source.partition"));
        Assert.Equal("5", Text("source.offset"));
        Assert.Equal("1", Encoding.UTF8.GetString(deadLetter.Key!));
        Assert.Equal(cluster.Messages(StreamCluster.Events, 1)[Poison].Message.Value, deadLetter.Value);

        string Text(string header) => Encoding.UTF8.GetString(deadLetter.Headers.GetLastBytes(header));
    }

    [Fact]
    public async Task Where_each_message_has_a_call_of_its_own_none_comes_twice_since_another_has_failed()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.DeadLetter, configure: options => options.MaxMessagesPerDelivery = 1);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);

        await cluster.Journal.UntilAllAsync("1", 9);
        Assert.Equal(Enumerable.Range(0, 10).Where(number => number != Poison), cluster.Journal.Of("1"));
    }

    [Fact]
    public async Task A_failure_handler_of_the_application_is_told_of_the_failed_delivery()
    {
        var failures = new RecordedFailures();
        await using var cluster = await StartAsync(
            KafkaFailurePolicy.DeadLetter,
            configure: options => options.MaxMessagesPerDelivery = 1,
            configureSilo: silo => silo.Services.AddKeyedSingleton<IStreamFailureHandler>(StreamCluster.Provider, failures));
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);

        await cluster.Journal.UntilAllAsync("1", 9);
        var (stream, token) = Assert.Single(failures.Deliveries);
        Assert.Equal((StreamId.Create(ImplicitGrain.Namespace, "1"), Poison), (stream, token.SequenceNumber));
    }

    [Theory]
    [InlineData(KafkaFailurePolicy.StopPartition, false)]
    [InlineData(KafkaFailurePolicy.StopPartition, true)]
    [InlineData(KafkaFailurePolicy.DeadLetter, true)]
    public async Task A_client_that_is_gone_makes_no_dead_letter_and_blocks_no_stream(KafkaFailurePolicy policy, bool logsElsewhere)
    {
        await using var cluster = await StartAsync(policy, TimeSpan.FromMinutes(1), configureSilo: silo =>
        {
            if (logsElsewhere)
            {
                silo.ConfigureLogging(logging => logging.ClearProviders());
            }
        });
        await cluster.Stream("a", "1").SubscribeAsync(new Recorder(cluster.Journal, "client", "1"));
        await cluster.ProduceAsync("a", "1", 0, 1);
        await cluster.Journal.UntilAllAsync("1", 1);
        var grain = cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IExplicitGrain>("producer");

        await cluster.Cluster.KillClientAsync();
        await grain.Produce("a", "1", 1, 1);
        await grain.Produce("a", "2", 2, 1);

        await UntilCommittedAsync(cluster, 3, seconds: 60);
        Assert.DoesNotContain(cluster.Caches.Single(), cache => cache.IsStopped);
        Assert.Empty(cluster.Messages("dlq", 1));
    }

    [Fact]
    public async Task A_delivery_that_fails_while_the_silo_stops_makes_no_dead_letter()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.DeadLetter, TimeSpan.FromMinutes(1));
        var isTried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Journal.Before = _ =>
        {
            isTried.TrySetResult();
            throw new InvalidOperationException("The database is away.");
        };
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 1);
        await isTried.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await cluster.Cluster.StopSiloAsync(cluster.Cluster.Silos[0], TestContext.Current.CancellationToken);
        cluster.Journal.Before = _ => Task.CompletedTask;
        await cluster.Cluster.StartAdditionalSiloAsync();

        await cluster.Journal.UntilAllAsync("1", 1);
        Assert.Empty(cluster.Messages("dlq", 1));
    }

    [Fact]
    public async Task Other_streams_of_the_partition_do_not_wait_for_one_that_fails()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.DeadLetter, TimeSpan.FromSeconds(20));
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);
        await cluster.Journal.UntilAllAsync("1", Poison);

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "2", 10, 500);

        await cluster.Journal.UntilAllAsync("2", 500, seconds: 10);
        Assert.Equal(Enumerable.Range(0, Poison), cluster.Journal.Of("1").Distinct());
        await UntilCommittedAsync(cluster, Poison);
    }

    [Fact]
    public async Task A_partition_that_must_not_pass_over_a_message_stops_there_and_tries_again_when_it_is_started_again()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.StopPartition);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);
        await Until.Async(
            () => cluster.Caches.Single().Any(cache => cache.IsStopped), () => "nothing is stopped", TimeSpan.FromSeconds(20));

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "2", 10, 10);
        await UntilCommittedAsync(cluster, Poison);
        Assert.Equal(Enumerable.Range(0, Poison), cluster.Journal.All.Select(delivery => delivery.Event.Number).Distinct());

        cluster.Journal.Before = _ => Task.CompletedTask;
        await cluster.CommandAsync(PersistentStreamProviderCommand.StopAgents);
        await cluster.CommandAsync(PersistentStreamProviderCommand.StartAgents);

        await cluster.Journal.UntilAllAsync("1", 10);
        await cluster.Journal.UntilAllAsync("2", 10);
        await UntilCommittedAsync(cluster, 20);
        Assert.Empty(cluster.Messages("dlq", 1));
    }

    [Fact]
    public async Task A_stopped_partition_starts_again_by_command()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.StopPartition);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);
        await Until.Async(
            () => cluster.Caches.Single().Any(cache => cache.IsStopped), () => "nothing is stopped", TimeSpan.FromSeconds(20));
        cluster.Journal.Before = _ => Task.CompletedTask;

        Assert.Equal([1], await cluster.CommandAsync((PersistentStreamProviderCommand)KafkaStreamCommand.ResumePartitions));

        await cluster.Journal.UntilAllAsync("1", 10);
        await UntilCommittedAsync(cluster, 10);
        Assert.Equal([0], await cluster.CommandAsync((PersistentStreamProviderCommand)KafkaStreamCommand.ResumePartitions));
    }

    [Fact]
    public async Task A_message_that_is_no_event_of_the_topic_does_not_take_others_with_it()
    {
        await using var cluster = await StartAsync(KafkaFailurePolicy.DeadLetter);
        await cluster.SendAsync("json", "1", """{"number":0}""");
        await cluster.SendAsync("json", "1", "{");
        await cluster.SendAsync("json", "1", """{"number":1}""");
        await cluster.SendAsync("json", "2", """{"number":2}""");

        await cluster.Journal.UntilAsync(journal => journal.All.Count == 3);
        Assert.Equal([0, 1], cluster.Journal.Of("1"));
        await Until.Async(() => cluster.Messages("dlq", 1).Count == 1, () => "no dead letter", TimeSpan.FromSeconds(10));
        Assert.Equal("{"u8.ToArray(), cluster.Messages("dlq", 1)[0].Message.Value);
    }

    [Fact]
    public async Task Producing_says_which_topic_did_not_take_an_event_and_why()
    {
        await using var cluster = await StreamCluster.StartAsync(
            configure: options => options.ConfigureClient += client => client.Set("message.max.bytes", "2000"));

        var error = await Assert.ThrowsAsync<KafkaStreamException>(
            () => cluster.Stream(ImplicitGrain.Namespace, "1").OnNextAsync(new(0, new string('x', 5_000))));

        Assert.Contains($"\"{cluster.TopicOf(StreamCluster.Events)}\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("too large", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<StreamCluster> StartAsync(
        KafkaFailurePolicy policy, TimeSpan? deliveryTime = null, Action<KafkaStreamOptions>? configure = null,
        Action<ISiloBuilder>? configureSilo = null)
    {
        var cluster = await StreamCluster.StartAsync(
            partitions: 1,
            configureSilo: configureSilo,
            configure: options =>
            {
                options.FailurePolicy = policy;
                configure?.Invoke(options);
            },
            configureAgents: agents => agents.MaxEventDeliveryTime = deliveryTime ?? TimeSpan.FromMilliseconds(500));
        cluster.Journal.Before = delivery => delivery.Event.Number == Poison
            ? throw new InvalidOperationException($"The event {Poison} is poison.")
            : Task.CompletedTask;
        return cluster;
    }

    private static Task UntilCommittedAsync(StreamCluster cluster, long offset, int seconds = 10) => Until.Async(
        () => cluster.Committed(StreamCluster.Events, 1)[0] == offset,
        () => $"{cluster.Committed(StreamCluster.Events, 1)[0]}",
        TimeSpan.FromSeconds(seconds));

    private sealed class RecordedFailures : IStreamFailureHandler
    {
        public ConcurrentQueue<(StreamId Stream, StreamSequenceToken Token)> Deliveries { get; } = [];

        public bool ShouldFaultSubsriptionOnError => false;

        public Task OnDeliveryFailure(
            GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
        {
            Deliveries.Enqueue((streamIdentity, sequenceToken!));
            return Task.CompletedTask;
        }

        public Task OnSubscriptionFailure(
            GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) =>
            Task.CompletedTask;
    }
}
