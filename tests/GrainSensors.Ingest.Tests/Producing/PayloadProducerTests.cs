using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Tests.Producing;

/// <summary>Payloads as they came, to any topic.</summary>
[Trait("Category", "System")]
public sealed class PayloadProducerTests : IAsyncLifetime
{
    /// <summary>The key of a produce request in the Kafka protocol.</summary>
    private const short Produce = 0;

    private const int MessageTooLarge = 10;
    private const int OutOfOrderSequence = 45;
    private const string Topic = "uplinks";

    private static readonly string[] Many = [.. Enumerable.Range(0, 40).Select(i => $"many-{i}")];
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private TestKafka _kafka = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        TestKafka.SkipUnlessEmbedded("a real one has no such faults, and keeps what it gets");
        _kafka = await TestKafka.StartAsync(partitions: 4, [Topic, .. Many]);
    }

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    [Fact]
    public async Task Payloads_of_a_key_keep_the_order_of_the_calls_also_before_the_broker_has_answered()
    {
        using var producer = NewProducer();
        byte[][] payloads = [.. Enumerable.Range(0, 200).Select(i => Encoding.UTF8.GetBytes($"{i}"))];

        await Task.WhenAll(payloads.Select(payload => producer.ProduceAsync(Topic, "k"u8.ToArray(), payload, [], Stop)));

        Assert.Equal(payloads, Read(payloads.Length).Select(message => message.Value));
    }

    [Fact]
    public async Task Payloads_wait_before_the_embedded_broker_would_remove_those_that_no_silo_has_read()
    {
        using var producer = NewProducer();
        var payload = new byte[900_000];
        new Random(1).NextBytes(payload);
        var sent = Enumerable.Range(0, 5).Select(_ => producer.ProduceAsync(Topic, "k"u8.ToArray(), payload, [], Stop)).ToList();
        await Task.WhenAll(sent.Take(4));
        await Until.Async(() => producer.IsHolding(Topic), () => "it does not hold", Deadline);
        Assert.False(sent[4].IsCompleted);
        Assert.False(producer.IsHolding("others"));

        Commit(Read(4));

        await sent[4].WaitAsync(Deadline, Stop);
        await Until.Async(() => !producer.IsHolding(Topic), () => "it still holds", Deadline);
    }

    [Fact]
    public async Task What_is_no_longer_wanted_while_it_waits_is_not_sent()
    {
        using var producer = NewProducer();
        var payload = new byte[900_000];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => producer.ProduceAsync(Topic, "k"u8.ToArray(), payload, [], Stop)));
        using var cancelled = new CancellationTokenSource();
        var waiting = producer.ProduceAsync(Topic, "k"u8.ToArray(), payload, [], cancelled.Token);
        var next = producer.ProduceAsync(Topic, "k"u8.ToArray(), "next"u8.ToArray(), [], Stop);
        await Until.Async(() => producer.IsHolding(Topic), () => "it does not hold", Deadline);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await next.WaitAsync(Deadline, Stop);
        Assert.Equal("next"u8, Read(5)[4].Value);
    }

    [Fact]
    public async Task After_a_fatal_error_another_client_takes_the_next_payload()
    {
        using var producer = NewProducer();
        await producer.ProduceAsync(Topic, "k"u8.ToArray(), "first"u8.ToArray(), [], Stop);
        _kafka.Embedded.FailNext(Produce, OutOfOrderSequence, 1);

        await Assert.ThrowsAsync<KafkaUnavailableException>(
            () => producer.ProduceAsync(Topic, "k"u8.ToArray(), "failed"u8.ToArray(), [], Stop));
        await producer.ProduceAsync(Topic, "k"u8.ToArray(), "second"u8.ToArray(), [], Stop);

        Assert.Equal(1, producer.Failures);
        Assert.Equal(["first", "second"], Read(2).Select(message => Encoding.UTF8.GetString(message.Value)));
    }

    [Fact]
    public async Task A_payload_whose_size_the_client_or_the_broker_refuses_is_named_with_the_limit_and_takes_no_room()
    {
        _kafka.Options.Client["message.max.bytes"] = "1500000";
        using var producer = NewProducer();
        for (var i = 0; i < 5; i++)
        {
            var refused = await Assert.ThrowsAsync<PayloadTooLargeException>(
                () => producer.ProduceAsync(Topic, "k"u8.ToArray(), new byte[2_000_000], [], Stop));
            Assert.Contains("2000000 bytes", refused.Message, StringComparison.Ordinal);
            Assert.Contains("max.message.bytes of the topic", refused.Message, StringComparison.Ordinal);
        }

        _kafka.Embedded.FailNext(Produce, MessageTooLarge, 1);
        await Assert.ThrowsAsync<PayloadTooLargeException>(
            () => producer.ProduceAsync(Topic, "k"u8.ToArray(), new byte[900_000], [], Stop));
        await producer.ProduceAsync(Topic, "k"u8.ToArray(), "after"u8.ToArray(), [], Stop).WaitAsync(Deadline, Stop);
    }

    [Fact]
    public async Task Payloads_to_a_topic_that_the_broker_creates_for_them_are_in_all_of_its_partitions()
    {
        using var producer = NewProducer();
        byte[][] keys = [.. Enumerable.Range(0, 50).Select(i => Encoding.UTF8.GetBytes($"{i}"))];

        await Task.WhenAll(keys.Select(key => producer.ProduceAsync("created", key, key, [], Stop))).WaitAsync(Deadline, Stop);

        Assert.Equal(4, Read(keys.Length, "created").Select(message => message.At.Partition).Distinct().Count());
    }

    [Fact]
    public async Task While_Kafka_is_away_the_client_takes_a_bounded_amount_and_further_payloads_are_not_sent_if_nobody_waits()
    {
        using var producer = NewProducer();
        await Task.WhenAll(Many.Select(topic => producer.ProduceAsync(topic, null, [1], [], Stop))).WaitAsync(Deadline, Stop);
        _kafka.Embedded.SetDown(true);
        using var answered = new CancellationTokenSource();
        var payload = new byte[900_000];
        var sent = Many.SelectMany(topic => Enumerable.Repeat(topic, 4))
            .Select(topic => producer.ProduceAsync(topic, null, payload, [], answered.Token)).ToList();

        await answered.CancelAsync();
        await Until.Async(
            () => sent.Exists(task => task.IsCanceled), () => $"the client has all {sent.Count} payloads", Deadline);
        _kafka.Embedded.SetDown(false);
        await Until.Async(() => sent.TrueForAll(task => task.IsCompleted), () => "payloads wait", TimeSpan.FromSeconds(60));
        var taken = sent.Count(task => task.IsCompletedSuccessfully) * payload.Length;
        Assert.InRange(taken, 100 * 1024 * 1024, 129 * 1024 * 1024);
    }

    private PayloadProducer NewProducer() =>
        new(new(_kafka.Options, NullLogger<KafkaClients>.Instance), new NoDeadLetters(), TimeProvider.System);

    /// <summary>Reads messages of one key in their order.</summary>
    private List<(TopicPartitionOffset At, byte[] Value)> Read(int count, string topic = Topic)
    {
        using var consumer = new KafkaClients(_kafka.Options, NullLogger<KafkaClients>.Instance).DeadLetterReader();
        consumer.Assign(Enumerable.Range(0, 4).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var messages = new List<(TopicPartitionOffset, byte[])>();
        while (messages.Count < count)
        {
            var result = consumer.Consume(Deadline) ?? throw new TimeoutException(
                string.Create(CultureInfo.InvariantCulture, $"{messages.Count} of {count} messages came"));
            if (!result.IsPartitionEOF)
            {
                messages.Add((result.TopicPartitionOffset, result.Message.Value!));
            }
        }

        return messages;
    }

    private void Commit(List<(TopicPartitionOffset At, byte[] Value)> read)
    {
        using var consumer = new KafkaClients(_kafka.Options, NullLogger<KafkaClients>.Instance).OffsetReader();
        consumer.Commit([new(Topic, read[^1].At.Partition, read[^1].At.Offset + 1)]);
    }
}
