using System.Collections.Concurrent;
using Orleans.Providers.Streams.Common;
using Orleans.Streaming.Kafka.Tests.Clusters;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>Checkpoints that the application keeps instead of Kafka's consumer group.</summary>
[Trait("Category", "System")]
public sealed class CheckpointerTests
{
    [Fact]
    public async Task A_checkpointer_keeps_the_offsets_instead_of_the_group_and_decides_where_reading_starts()
    {
        var store = new Store();
        await using var cluster = await StreamCluster.StartAsync(
            partitions: 1, configureStreams: streams => Use(streams, store));
        var partition = $"{cluster.TopicOf(StreamCluster.Events)}/0";

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 5);
        await cluster.Journal.UntilAllAsync("1", 5);
        await Until.Async(
            () => store.Offsets.GetValueOrDefault(partition) == "5", () => $"{string.Join(", ", store.Offsets)}", TimeSpan.FromSeconds(20));
        Assert.Equal([0], cluster.Committed(StreamCluster.Events, 1));

        await cluster.CommandAsync(PersistentStreamProviderCommand.StopAgents);
        await cluster.Cluster.Client.GetGrain<IImplicitGrain>("1").Deactivate();
        store.Offsets[partition] = "2";
        await cluster.CommandAsync(PersistentStreamProviderCommand.StartAgents);

        await cluster.Journal.UntilAsync(journal => journal.Of("1").Length == 8);
        Assert.Equal([2, 3, 4], cluster.Journal.Of("1")[5..]);
        Assert.True(store.Flushes > 0);
    }

    [Fact]
    public async Task Grain_storage_keeps_the_offsets_with_the_checkpointer_of_orleans()
    {
        await using var cluster = await StreamCluster.StartAsync(partitions: 1, configureStreams: streams =>
        {
            if (streams is ISiloPersistentStreamConfigurator silo)
            {
                silo.UseGrainCheckpointer(options => options.Configure(checkpoints => checkpoints.StorageProviderName = "PubSubStore"));
            }
        });

        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 5);
        await cluster.Journal.UntilAllAsync("1", 5);
        await cluster.CommandAsync(PersistentStreamProviderCommand.StopAgents);
        await cluster.CommandAsync(PersistentStreamProviderCommand.StartAgents);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 5, 2);

        await cluster.Journal.UntilAllAsync("1", 7);
        Assert.Equal([0], cluster.Committed(StreamCluster.Events, 1));
    }

    private static void Use(IKafkaStreamConfigurator streams, Store store)
    {
        if (streams is SiloKafkaStreamConfigurator silo)
        {
            silo.UseCheckpointer((_, _) => store);
        }
    }

    private sealed class Store : IStreamQueueCheckpointerFactory
    {
        private int _flushes;

        public ConcurrentDictionary<string, string> Offsets { get; } = new();

        public int Flushes => _flushes;

        public Task<IStreamQueueCheckpointer<string>> Create(string partition) =>
            Task.FromResult<IStreamQueueCheckpointer<string>>(new Checkpointer(this, partition));

        private sealed class Checkpointer(Store store, string partition) : IStreamQueueCheckpointer<string>
        {
            public bool CheckpointExists => store.Offsets.ContainsKey(partition);

            public Task<string> Load() => Task.FromResult(store.Offsets.GetValueOrDefault(partition, ""));

            public void Update(string offset, DateTime utcNow) => store.Offsets[partition] = offset;

            public Task FlushAsync(CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref store._flushes);
                return Task.CompletedTask;
            }
        }
    }
}
