using GrainSensors.Ingest.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streaming.Kafka.Tests.Clusters;
using Orleans.Streams;
using Orleans.TestingHost;

namespace Orleans.Streaming.Kafka.Tests.Streams;

public interface IRandomReceiver : IGrainWithGuidKey;

/// <summary>The streaming quick start of Orleans' documentation.</summary>
[ImplicitStreamSubscription("RANDOMDATA")]
public class ReceiverGrain(Journal journal) : Grain, IRandomReceiver
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var guid = this.GetPrimaryKey();
        var streamProvider = this.GetStreamProvider("StreamProvider");
        var streamId = StreamId.Create("RANDOMDATA", guid);
        var stream = streamProvider.GetStream<int>(streamId);
        await stream.SubscribeAsync<int>(async (data, token) =>
        {
            await journal.AddAsync(new("receiver", guid.ToString(), new(data), (KafkaSequenceToken)token!));
        });
    }
}

[Trait("Category", "System")]
public sealed class QuickStartTests
{
    [Fact]
    public async Task The_quick_start_of_orleans_works_with_one_line_changed()
    {
        using var broker = RealKafka.IsGiven ? null : new EmbeddedBroker(["unused"], 1);
        var servers = broker?.BootstrapServers ?? await RealKafka.StartAsync();
        var journal = new Journal();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(journal);
            silo.AddMemoryGrainStorage("PubSubStore");

            // Replaces AddMemoryStreams("StreamProvider").
            silo.AddKafkaStreams("StreamProvider", servers);
        });
        builder.ConfigureClient(client => client.AddKafkaStreams("StreamProvider", servers));
        await using var cluster = builder.Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);
        var guid = Guid.NewGuid();
        var stream = cluster.Client.GetStreamProvider("StreamProvider").GetStream<int>(StreamId.Create("RANDOMDATA", guid));

        // Reading starts with new messages, and a silo does not report when it has started.
        await Until.Async(
            async () =>
            {
                await stream.OnNextAsync(42);
                return journal.All.Count > 0;
            },
            () => "nothing came",
            TimeSpan.FromSeconds(30));

        Assert.All(journal.All, delivery => Assert.Equal((guid.ToString(), 42), (delivery.Stream, delivery.Event.Number)));
    }
}
