using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>Delivery of readings that are produced in bulk.</summary>
[Trait("Category", "System")]
public sealed class BulkReadingProducerTests : IAsyncLifetime
{
    private const int Partitions = 4;

    private TestKafka _kafka = null!;

    public async ValueTask InitializeAsync() => _kafka = await TestKafka.StartAsync(Partitions);

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    [Fact]
    public async Task Every_reading_is_in_the_log_once_in_the_partition_of_its_sensor_and_in_order()
    {
        const int Sensors = 100, Each = 50;
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();

        for (var i = 0; i < Sensors * Each; i++)
        {
            await producer.AppendAsync(
                i % Sensors, Encoding.UTF8.GetBytes($"{i}"), cancellationToken: TestContext.Current.CancellationToken);
        }

        await SettleAsync(producer);

        Assert.Equal((Sensors * Each, Sensors * Each, 0), (producer.Sent, producer.Acknowledged, producer.Failed));
        var messages = Consume(Sensors * Each);
        Assert.Equal(messages.Max(message => message.Offset.Value), producer.LastOffsets.Values.Max());
        foreach (var sensor in messages.GroupBy(message => message.Message.Key))
        {
            var id = int.Parse(sensor.Key!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.All(sensor, message => Assert.Equal(KeyPartitioner.PartitionOf(id, Partitions), message.Partition.Value));
            Assert.Equal(
                Enumerable.Range(0, Each).Select(i => $"{(i * Sensors) + id}"),
                sensor.OrderBy(message => message.Offset.Value).Select(message => Encoding.UTF8.GetString(message.Message.Value)));
        }
    }

    [Fact]
    public async Task Without_keys_they_have_none()
    {
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();

        for (var i = 0; i < 1000; i++)
        {
            await producer.AppendAsync(7, Encoding.UTF8.GetBytes($"{i}"), key: false, TestContext.Current.CancellationToken);
        }

        await SettleAsync(producer);

        Assert.All(Consume(1000), message => Assert.Null(message.Message.Key));
    }

    [Fact]
    public async Task What_has_gathered_waits_until_it_is_sent()
    {
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();

        await producer.AppendAsync(1, "1"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);
        await producer.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (producer.Sent, producer.Acknowledged));
        await SettleAsync(producer);
        Assert.Equal((1, 1), (producer.Sent, producer.Acknowledged));
    }

    [Fact]
    public async Task One_that_is_longer_than_a_chunk_goes_too_and_one_that_Kafka_refuses_is_counted_with_the_reason()
    {
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();
        var (large, tooLarge) = (new byte[300_000], new byte[2_000_000]);

        await producer.AppendAsync(1, "before"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);
        await producer.AppendAsync(1, large, cancellationToken: TestContext.Current.CancellationToken);
        await producer.AppendAsync(1, tooLarge, cancellationToken: TestContext.Current.CancellationToken);
        await producer.AppendAsync(1, "after"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);
        await SettleAsync(producer);

        Assert.Equal((3, 1), (producer.Acknowledged, producer.Failed));
        Assert.Contains("size", producer.Failure, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([6, large.Length, 5], Consume(3).Select(message => message.Message.Value.Length));
    }

    [Fact]
    public async Task What_Kafka_refuses_takes_up_no_room_in_the_broker()
    {
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        // Twice the retention of a partition in the embedded broker.
        for (var i = 0; i < 5; i++)
        {
            await producer.AppendAsync(1, new byte[2_000_000], cancellationToken: patience.Token);
        }

        await producer.AppendAsync(1, "after"u8.ToArray(), cancellationToken: patience.Token);
        await producer.SendAsync(patience.Token);
        await producer.FlushAsync(patience.Token);

        Assert.Equal((1, 5), (producer.Acknowledged, producer.Failed));
    }

    [Theory]
    [InlineData("queue.buffering.max.messages", "10")]
    [InlineData("queue.buffering.max.kbytes", "1")]
    public async Task A_client_that_is_full_takes_them_when_it_has_room_again(string property, string value)
    {
        _kafka.Options.Client[property] = value;
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();

        for (var i = 0; i < 1000; i++)
        {
            await producer.AppendAsync(i, Encoding.UTF8.GetBytes($"{i}"), cancellationToken: TestContext.Current.CancellationToken);
        }

        await SettleAsync(producer);

        Assert.Equal((1000, 0), (producer.Acknowledged, producer.Failed));
        Assert.Equal(1000, Consume(1000).Select(message => message.Message.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_reading_whose_wait_is_cancelled_is_not_sent()
    {
        TestKafka.SkipUnlessEmbedded("a real broker holds nothing back");
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var filling = FillAsync();
        await Until.Async(() => producer.IsHolding, () => $"{producer.Sent} sent, and nothing is held back", TimeSpan.FromSeconds(30));
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filling);
        await producer.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal((producer.Sent, 0), (producer.Acknowledged, producer.Failed));
        Assert.Equal(producer.Sent, Consume((int)producer.Sent).Count);

        async Task FillAsync()
        {
            var reading = new byte[1000];
            while (true)
            {
                await producer.AppendAsync(1, reading, cancellationToken: giveUp.Token);
            }
        }
    }

    [Fact]
    public async Task A_property_that_the_client_does_not_know_is_named()
    {
        _kafka.Options.Client["no.such.property"] = "1";
        await using var services = Services();
        var producer = services.GetRequiredService<BulkReadingProducer>();

        var e = await Assert.ThrowsAsync<KafkaUnavailableException>(async () =>
            await producer.AppendAsync(1, "1"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("no.such.property", e.Message, StringComparison.Ordinal);
    }

    private static async Task SettleAsync(BulkReadingProducer producer)
    {
        await producer.SendAsync(TestContext.Current.CancellationToken);
        await producer.FlushAsync(TestContext.Current.CancellationToken);
    }

    private ServiceProvider Services() => new ServiceCollection()
        .AddLogging()
        .AddSingleton(Options.Create(_kafka.Options))
        .AddReadingProducer(TimeSpan.FromMilliseconds(5))
        .BuildServiceProvider();

    private List<ConsumeResult<string?, byte[]>> Consume(int count)
    {
        var config = new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "test", EnablePartitionEof = true };
        using var consumer = new ConsumerBuilder<string?, byte[]>(config)
            .SetKeyDeserializer(Deserializers.Utf8).Build();
        consumer.Assign(Enumerable.Range(0, Partitions)
            .Select(partition => new TopicPartitionOffset(_kafka.Options.Topic, partition, Offset.Beginning)));
        var messages = new List<ConsumeResult<string?, byte[]>>();
        var ended = 0;
        while (ended < Partitions)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(30));
            Assert.True(result is not null, $"{messages.Count} of {count} messages came");
            if (result.IsPartitionEOF)
            {
                ended++;
            }
            else
            {
                messages.Add(result);
            }
        }

        Assert.Equal(count, messages.Count);
        return messages;
    }
}
