using System.Collections.Concurrent;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Receiving;

namespace Orleans.Streaming.Kafka.Tests.Receiving;

[Trait("Category", "System")]
public sealed class PartitionReaderTests : IDisposable
{
    private static readonly TopicPartition Partition = new("topic", 0);

    private readonly EmbeddedBroker _broker = new([Partition.Topic], 1);
    private readonly KafkaClients _clients;
    private readonly PartitionReader _reader;
    private readonly ConcurrentQueue<TopicPartition> _restarts = [];

    public PartitionReaderTests()
    {
        // The smallest cache, so that the partition is paused soon.
        var options = new KafkaStreamOptions { BootstrapServers = _broker.BootstrapServers, CacheBytes = 64 * 1024 };
        _clients = new(options, "Kafka", "tests", TimeProvider.System, NullLogger.Instance);
        _reader = new(_clients, _restarts.Enqueue, TimeProvider.System, NullLogger.Instance);
    }

    [Fact]
    public async Task A_partition_that_was_given_up_while_it_was_full_is_read_when_it_comes_back()
    {
        const int Messages = 3_000;
        await ProduceAsync(Messages, 1_000);
        var first = await _reader.AddAsync(Partition, 0, CancellationToken.None);
        await Until.Async(() => first.IsPaused, () => "it is never paused", TimeSpan.FromSeconds(10));
        await _reader.RemoveAsync(first, null);

        var second = await _reader.AddAsync(Partition, 0, CancellationToken.None);

        Assert.Equal(Messages, await TakeAsync(second, Messages));
    }

    [Fact]
    public async Task A_late_request_does_not_take_the_partition_from_the_next_one()
    {
        await ProduceAsync(10, 10);
        var partition = await _reader.AddAsync(Partition, 0, CancellationToken.None);

        await Assert.ThrowsAsync<OperationCanceledException>(() => _reader.AddAsync(Partition, 0, new CancellationToken(canceled: true)));

        Assert.Equal(10, await TakeAsync(partition, 10));
    }

    [Fact]
    public async Task A_consumer_that_fails_is_replaced_and_goes_on_where_it_was()
    {
        await ProduceAsync(10, 10);
        var consumers = new List<FailingConsumer>();
        using var reader = new PartitionReader(_clients, _restarts.Enqueue, TimeProvider.System, NullLogger.Instance, builder =>
        {
            consumers.Add(FailingConsumer.Around(builder.Build()));
            return consumers[^1].Consumer;
        });
        var partition = await reader.AddAsync(Partition, 0, CancellationToken.None);
        Assert.Equal(10, await TakeAsync(partition, 10));

        consumers[0].Failure = new InvalidOperationException("The client is broken.");
        await ProduceAsync(5, 10);

        Assert.Equal(5, await TakeAsync(partition, 5));
        Assert.Equal(15, partition.Next);
        reader.Complete(partition, 15);
        await reader.RemoveAsync(partition, 15);
        Assert.Equal(15, Committed());
        Assert.Equal(2, consumers.Count);
        Assert.True(reader.Silence < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_partition_that_is_shorter_than_before_is_given_back_to_start_again()
    {
        await ProduceAsync(10, 10);

        await _reader.AddAsync(Partition, 100, CancellationToken.None);

        await Until.Async(() => !_restarts.IsEmpty, () => "nothing is restarted", TimeSpan.FromSeconds(20));
        Assert.Equal(Partition, Assert.Single(_restarts));
    }

    public void Dispose()
    {
        _reader.Dispose();
        _broker.Dispose();
    }

    private long Committed()
    {
        using var consumer = _clients.OffsetReader();
        return consumer.Committed([Partition], TimeSpan.FromSeconds(10))[0].Offset;
    }

    private async Task ProduceAsync(int messages, int bytes)
    {
        using var producer = _clients.Producer();
        await Task.WhenAll(Enumerable.Range(0, messages).Select(_ =>
            producer.ProduceAsync(Partition, new() { Value = new byte[bytes] }, TestContext.Current.CancellationToken)));
    }

    private async Task<int> TakeAsync(FetchedPartition partition, int messages)
    {
        var taken = 0;
        await Until.Async(
            () =>
            {
                while (partition.TryTake(out _))
                {
                    taken++;
                    _reader.SpaceFreed();
                }

                return taken == messages;
            },
            () => $"{taken} of {messages}",
            TimeSpan.FromSeconds(20));
        return taken;
    }
}
