using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Streaming.Kafka.Internals.Receiving;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>Where a group reads for the first time.</summary>
public sealed class StartPositionTests
{
    private static readonly WatermarkOffsets Ends = new(10, 20);

    [Theory]
    [InlineData(KafkaStartPosition.Earliest, -1, 10)]
    [InlineData(KafkaStartPosition.Latest, -1, 20)]
    [InlineData(KafkaStartPosition.Timestamp, 15, 15)]
    [InlineData(KafkaStartPosition.Timestamp, -1, 20)]
    public void A_partition_starts_at_an_end_or_at_a_time(KafkaStartPosition position, long atTime, long expected) =>
        Assert.Equal(expected, GroupStart.StartOf(position, Ends, atTime));

    [Theory]
    [InlineData(KafkaStartPosition.Timestamp, null)]
    [InlineData(KafkaStartPosition.Latest, "2026-01-01T00:00:00Z")]
    public void A_time_without_its_position_and_a_position_without_its_time_are_refused(KafkaStartPosition position, string? time)
    {
        var options = new KafkaStreamOptions
        {
            BootstrapServers = "localhost:9092",
            StartPosition = position,
            StartTimestamp = time is null ? null : DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture),
        };

        var failure = Assert.Throws<OrleansConfigurationException>(
            () => new KafkaStreamOptionsValidator(options, "Kafka", _ => true).ValidateConfiguration());

        Assert.Contains("StartTimestamp is required with StartPosition Timestamp", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "System")]
    public async Task What_is_produced_before_the_agents_start_is_delivered_also_from_the_latest_position()
    {
        await using var cluster = await StreamCluster.StartAsync(
            ownTopicsRead: 0,
            configure: options => options.StartPosition = KafkaStartPosition.Latest,
            configureSilo: silo => silo.Services.Configure<StreamLifecycleOptions>(
                StreamCluster.Provider, options => options.StartupState = StreamLifecycleOptions.RunState.AgentsStopped));
        await cluster.Grain("one").Subscribe("a", "1", null);
        await cluster.ProduceAsync("a", "1", 0, 40);

        await cluster.CommandAsync(PersistentStreamProviderCommand.StartAgents);

        await cluster.Journal.UntilAllAsync("1", 40, "one");
    }

    [Fact]
    [Trait("Category", "System")]
    public async Task A_group_starts_at_a_time()
    {
        Assert.SkipUnless(RealKafka.IsGiven, "Needs a real broker, which finds offsets by time: set KAFKA_HOME to an installation.");
        var name = $"times-{Guid.NewGuid():N}";
        var servers = await RealKafka.StartAsync();
        var now = DateTimeOffset.UtcNow;
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            await admin.CreateTopicsAsync([new() { Name = name, NumPartitions = 1 }]);
        }

        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = servers }).Build())
        {
            foreach (var hour in Enumerable.Range(0, 10))
            {
                await producer.ProduceAsync(name, new()
                {
                    Key = "1",
                    Value = $$"""{"number":{{hour}}}""",
                    Timestamp = new(now.AddHours(hour - 10)),
                }, TestContext.Current.CancellationToken);
            }
        }

        await using var cluster = await StreamCluster.StartAsync(ownTopicsRead: 1, partitions: 1, configure: options =>
        {
            (options.StartPosition, options.StartTimestamp) = (KafkaStartPosition.Timestamp, now.AddHours(-4.5));
            options.Topics.Clear();
            options.Topics.Add(new() { Name = name, Namespace = ImplicitGrain.Json, Format = "json", Partitions = 1 });
        });

        await cluster.Journal.UntilAllAsync("1", 4);
        Assert.Equal([6, 7, 8, 9], cluster.Journal.Of("1"));
    }
}
