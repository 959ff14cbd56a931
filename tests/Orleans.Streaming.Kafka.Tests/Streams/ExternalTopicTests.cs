using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers.Streams.Common;
using Orleans.Streaming.Kafka.Tests.Clusters;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Streams;

[Trait("Category", "System")]
public sealed class ExternalTopicTests
{
    [Fact]
    public async Task Json_of_other_applications_is_a_stream_for_each_key()
    {
        await using var cluster = await StreamCluster.StartAsync();

        await cluster.SendAsync("json", "7", """{"number":1,"text":"one"}""");
        await cluster.SendAsync("json", "8", """{"number":2,"other":true}""");

        await cluster.Journal.UntilAsync(journal => journal.All.Count == 2);
        Assert.Equal(new Event(1, "one"), cluster.Journal.All.Single(delivery => delivery.Stream == "7").Event);
        Assert.Equal([2], cluster.Journal.Of("8"));
    }

    [Fact]
    public async Task Messages_without_a_key_are_the_stream_of_their_partition()
    {
        await using var cluster = await StreamCluster.StartAsync(partitions: 1);

        await cluster.SendAsync("json", null, """{"number":1}""");

        await cluster.Journal.UntilAllAsync("#0", 1);
    }

    [Fact]
    public async Task A_stream_of_a_partition_has_the_messages_of_all_its_keys()
    {
        await using var cluster = await StreamCluster.StartAsync(partitions: 1);

        foreach (var key in Enumerable.Range(0, 10))
        {
            await cluster.SendAsync("parts", $"{key}", $$"""{"number":{{key}}}""");
        }

        await cluster.ProduceAsync(ImplicitGrain.Parts, "0", 10, 1);

        await cluster.Journal.UntilAllAsync("0", 11);
        Assert.Equal(Enumerable.Range(0, 11), cluster.Journal.Of("0"));
    }

    [Fact]
    public async Task A_topic_for_others_gets_plain_json_with_the_key_of_the_stream_and_is_not_read()
    {
        await using var cluster = await StreamCluster.StartAsync();

        await cluster.Stream(ImplicitGrain.ProduceOnly, "7").OnNextBatchAsync([new Event(1, "one"), new Event(2)]);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 1);

        await cluster.Journal.UntilAllAsync("1", 1);
        var messages = cluster.Messages("out", 2);
        Assert.Equal(
            ["""{"number":1,"text":"one"}""", """{"number":2,"text":""}"""],
            messages.Select(message => Encoding.UTF8.GetString(message.Message.Value!)));
        Assert.All(messages, message => Assert.Equal("7", Encoding.UTF8.GetString(message.Message.Key!)));
        Assert.All(messages, message => Assert.Empty(message.Message.Headers));
        Assert.Empty(cluster.Journal.Of("7"));
    }

    [Fact]
    public async Task A_topic_for_others_is_shared_out_like_one_that_is_read_and_may_come_later()
    {
        await using var cluster = await StreamCluster.StartAsync(configure: options => options.Topics.Add(new()
        {
            // The topic is missing when the silo starts.
            Name = $"{options.ConsumerGroup}-later",
            Namespace = "later",
            Format = "json",
            ProduceOnly = true,
            Partitions = 4,
        }));

        foreach (var key in Enumerable.Range(0, 20))
        {
            await cluster.Stream(ImplicitGrain.ProduceOnly, $"{key}").OnNextAsync(new(key));
        }

        await cluster.Stream("later", "7").OnNextAsync(new(1));

        Assert.All(
            cluster.Messages("out", 2),
            message => Assert.Equal(KafkaPartitioner.PartitionOf(message.Message.Key, 2), message.Partition.Value));
        Assert.Single(cluster.Messages("group-later", 4));
    }

    [Fact]
    public async Task Who_wants_to_know_is_told_of_every_message_that_kafka_has()
    {
        var acknowledged = new ConcurrentQueue<TopicPartitionOffset>();
        await using var cluster = await StreamCluster.StartAsync(configure: options => options.Acknowledged = acknowledged.Enqueue);

        await cluster.ProduceAsync(ImplicitGrain.ProduceOnly, "7", 0, 50);

        Assert.Equal(
            cluster.Messages("out", 2).Select(message => message.TopicPartitionOffset),
            acknowledged.OrderBy(at => at.Partition.Value).ThenBy(at => at.Offset.Value));
    }

    [Fact]
    public async Task Headers_go_both_ways_and_the_request_context_goes_along()
    {
        await using var cluster = await StreamCluster.StartAsync();
        var seen = new TaskCompletionSource<(string? Foreign, string? Own, object? Tenant)>();
        cluster.Journal.Before = _ =>
        {
            seen.TrySetResult((KafkaHeaders.GetText("foreign"), KafkaHeaders.GetText("own"), RequestContext.Get("tenant")));
            return Task.CompletedTask;
        };

        await cluster.SendAsync("json", "7", """{"number":1}""", ("foreign", "yes"));
        Assert.Equal(("yes", null, null), await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        seen = new();
        KafkaHeaders.Set("own", "mine");
        RequestContext.Set("tenant", 42);
        await cluster.Stream(ImplicitGrain.Namespace, "7").OnNextAsync(new(2));
        RequestContext.Clear();

        Assert.Equal((null, "mine", 42), await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        var message = Assert.Single(cluster.Messages(StreamCluster.Events, 2)).Message;
        Assert.Equal("mine", Encoding.UTF8.GetString(message.Headers.GetLastBytes("own")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Headers_of_the_message_in_hand_go_out_only_when_they_are_forwarded(bool isForwarded)
    {
        await using var cluster = await StreamCluster.StartAsync();
        var producer = StreamCluster.ProducerOf(cluster.Cluster.Silos[0].ServiceProvider);
        cluster.Journal.Before = async delivery =>
        {
            if (delivery.Event.Number == 1)
            {
                if (isForwarded)
                {
                    KafkaHeaders.Forward("content-type", "missing");
                }

                await producer.ProduceAsync(cluster.Stream(ImplicitGrain.ProduceOnly, "7").StreamId, [new Event(2)]);
            }
        };

        await cluster.SendAsync("json", "7", """{"number":1}""", ("content-type", "text/x"), ("signature", "of the first"));
        await cluster.Journal.UntilAllAsync("7", 1);

        var message = Assert.Single(cluster.Messages("out", 2)).Message;
        Assert.Equal(
            isForwarded ? ["content-type=text/x"] : [],
            message.Headers.Select(header => $"{header.Key}={Encoding.UTF8.GetString(header.GetValueBytes())}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_request_context_of_another_application_is_imported_only_on_request(bool isImported)
    {
        await using var cluster = await StreamCluster.StartAsync(
            configure: options => options.Topics[1].ImportRequestContext = isImported);
        var seen = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Journal.Before = _ =>
        {
            seen.TrySetResult(RequestContext.Get("tenant"));
            return Task.CompletedTask;
        };

        var context = StreamCluster.CodecOf(cluster.Cluster.Client.ServiceProvider).EncodeContext(new() { ["tenant"] = 42 });
        await cluster.SendAsync("json", "7", """{"number":1}"""u8.ToArray(), ("orleans-request-context", context));

        Assert.Equal(isImported ? 42 : null, await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_adapter_of_a_running_provider_may_be_asked_for_again()
    {
        await using var cluster = await StreamCluster.StartAsync(partitions: 1);
        var factory = cluster.Cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<IQueueAdapterFactory>(StreamCluster.Provider);
        Assert.Same(
            await factory.CreateAdapter(TestContext.Current.CancellationToken),
            await factory.CreateAdapter(TestContext.Current.CancellationToken));
        await cluster.CommandAsync(PersistentStreamProviderCommand.StopAgents);
        await cluster.CommandAsync(PersistentStreamProviderCommand.StartAgents);

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 5);

        await Until.Async(
            () => cluster.Committed(StreamCluster.Events, 1)[0] == 5,
            () => $"{cluster.Committed(StreamCluster.Events, 1)[0]}",
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_trace_goes_from_the_producer_to_the_subscriber()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Orleans.Streaming.Kafka" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var cluster = await StreamCluster.StartAsync();
        var seen = new TaskCompletionSource<Activity?>();
        cluster.Journal.Before = _ =>
        {
            seen.TrySetResult(Activity.Current);
            return Task.CompletedTask;
        };

        using var source = new ActivitySource("test");
        using var root = source.StartActivity("root");
        await cluster.Stream(ImplicitGrain.Namespace, "7").OnNextAsync(new(2));

        var activity = await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(root!.TraceId, activity?.TraceId);
        Assert.Equal($"process {cluster.TopicOf(StreamCluster.Events)}", activity!.DisplayName);
        Assert.Equal(ActivityKind.Consumer, activity.Kind);
    }

    [Fact]
    public async Task The_span_of_a_subscriber_says_where_the_message_is_from_and_whether_it_failed()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Orleans.Streaming.Kafka",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var cluster = await StreamCluster.StartAsync(partitions: 1);
        var topic = cluster.TopicOf("json");
        var attempts = 0;
        cluster.Journal.Before = _ => attempts++ == 0 ? throw new InvalidOperationException("once") : Task.CompletedTask;

        await cluster.SendAsync("json", "7", """{"number":1}""");
        await cluster.Journal.UntilAllAsync("7", 1);
        await cluster.Stream(ImplicitGrain.ProduceOnly, "7").OnNextBatchAsync([new Event(1), new Event(2)]);

        await Until.Async(() => Of("process", topic).Count == 2, () => $"{spans.Count}", TimeSpan.FromSeconds(10));
        var (failed, succeeded) = (Of("process", topic)[0], Of("process", topic)[1]);
        Assert.Equal((ActivityStatusCode.Error, ActivityStatusCode.Unset), (failed.Status, succeeded.Status));
        Assert.Equal("_OTHER", failed.GetTagItem("error.type"));
        Assert.Equal(
            ("process", "0", 0L, "7", cluster.Group, cluster.Servers),
            (succeeded.GetTagItem("messaging.operation.type"), succeeded.GetTagItem("messaging.destination.partition.id"),
                succeeded.GetTagItem("messaging.kafka.offset"), succeeded.GetTagItem("messaging.kafka.message.key"),
                succeeded.GetTagItem("messaging.consumer.group.name"), succeeded.GetTagItem("server.address")));
        Assert.Equal(2, Of("send", cluster.TopicOf("out")).Single().GetTagItem("messaging.batch.message_count"));

        List<Activity> Of(string operation, string destination) => [.. spans.Where(span =>
            span.DisplayName == $"{operation} {destination}" && (string?)span.GetTagItem("server.address") == cluster.Servers)];
    }

    [Fact]
    public async Task A_namespace_that_has_no_topic_is_refused_with_the_cure()
    {
        await using var cluster = await StreamCluster.StartAsync(configure: options => options.Topics.RemoveAt(0), ownTopicsRead: 2);

        var error = await Assert.ThrowsAsync<KafkaStreamException>(() => cluster.ProduceAsync("a", "1", 0, 1));

        Assert.Contains("no topic for the namespace \"a\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_given_as_they_are_wanted()
    {
        var format = new BytesMessageFormat();
        byte[] bytes = [.. "température"u8];

        Assert.Equal(bytes, format.Deserialize<byte[]>(bytes));
        Assert.Equal(bytes, format.Deserialize<object>(bytes));
        Assert.Equal(bytes, format.Deserialize<ReadOnlyMemory<byte>>(bytes).ToArray());
        Assert.Equal("température", format.Deserialize<string>(bytes));
        Assert.All(
            [format.Serialize(bytes), format.Serialize("température"), format.Serialize<ReadOnlyMemory<byte>>(bytes)],
            value => Assert.Equal(bytes, value));
        Assert.Throws<NotSupportedException>(() => format.Deserialize<int>(bytes));
    }

    [Fact]
    public void Json_that_is_null_is_no_event() =>
        Assert.Throws<JsonException>(() => new JsonMessageFormat().Deserialize<Event>("null"u8.ToArray()));
}
