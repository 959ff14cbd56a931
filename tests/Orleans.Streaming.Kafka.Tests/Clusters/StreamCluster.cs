using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Storage;
using Orleans.Streaming.Kafka.Internals;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Topics;
using Orleans.Streams;
using Orleans.TestingHost;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>Silos and a client with Kafka streams, on topics of the test in an embedded or a real broker.</summary>
internal sealed class StreamCluster : IAsyncDisposable
{
    public const string Provider = "Kafka";

    /// <summary>The topic for namespaces without a topic of their own.</summary>
    public const string Events = "events";

    private static readonly string[] Names = [Events, "json", "parts", "out", "dlq"];

    private readonly EmbeddedBroker? _broker;
    private readonly KafkaProcess? _process;
    private readonly string _prefix;
    private readonly Action<KafkaStreamOptions> _configure;

    private StreamCluster(
        EmbeddedBroker? broker, KafkaProcess? process, string servers, string prefix, short silos, Action<KafkaStreamOptions> configure,
        Action<StreamPullingAgentOptions> configureAgents, Action<ISiloBuilder> configureSilo,
        Action<IKafkaStreamConfigurator> configureStreams)
    {
        var describer = broker is null ? null : Describer = new(servers);
        (_broker, _process, Servers, _prefix, _configure) = (broker, process, servers, prefix, configure);
        var storage = new SharedGrainStorage();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(Journal);
            silo.Services.AddKeyedSingleton<IGrainStorage>("PubSubStore", storage);
            Describe(silo.Services);
            silo.Configure<SiloMessagingOptions>(options => options.ClientDropTimeout = TimeSpan.FromSeconds(2));
            silo.AddKafkaStreams(Provider, streams =>
            {
                streams.ConfigureKafka(Configure);
                streams.ConfigurePullingAgent(agents => agents.Configure(configureAgents));
                configureStreams(streams);
            });
            configureSilo(silo);
        });
        builder.ConfigureClient(client =>
        {
            Describe(client.Services);
            client.AddKafkaStreams(Provider, streams =>
            {
                streams.ConfigureKafka(Configure);
                configureStreams(streams);
            });
        });
        Cluster = builder.Build();

        void Describe(IServiceCollection services)
        {
            if (describer is not null)
            {
                services.AddKeyedSingleton<ITopicDescriber>(Provider, describer);
            }
        }
    }

    /// <summary>The topics of an embedded broker; null with a real one.</summary>
    public EmbeddedTopics? Describer { get; }

    /// <summary>The provider's connections, by silo.</summary>
    public IEnumerable<KafkaStreamConnection> Connections => Cluster.Silos.Select(silo => ConnectionOf(silo.ServiceProvider));

    public static KafkaStreamConnection ConnectionOf(IServiceProvider services) =>
        ((KafkaAdapterFactory)services.GetRequiredKeyedService<IQueueAdapterFactory>(Provider)).Connection;

    public static EventCodec CodecOf(IServiceProvider services) => services.GetRequiredService<EventCodec>();

    public InProcessTestCluster Cluster { get; }

    public Journal Journal { get; } = new();

    public string Servers { get; }

    public string Group => $"{_prefix}group";

    /// <summary>Starts or ends an outage of the broker.</summary>
    public async Task StopBrokerAsync()
    {
        _broker?.SetDown(true);
        await (_process?.KillAsync() ?? Task.CompletedTask);
    }

    public async Task StartBrokerAsync()
    {
        _broker?.SetDown(false);
        await (_process?.StartAsync() ?? Task.CompletedTask);
    }

    /// <summary>The caches of the assigned partitions, by silo.</summary>
    public IEnumerable<PartitionCache[]> Caches => Connections.Select(connection => connection.Caches.Values.ToArray());

    public static async Task<StreamCluster> StartAsync(
        short silos = 1, int partitions = 2, Action<KafkaStreamOptions>? configure = null,
        Action<StreamPullingAgentOptions>? configureAgents = null,
        int ownTopicsRead = 3, bool isToBeStopped = false, Action<ISiloBuilder>? configureSilo = null, int? partitionsAtFirst = null,
        Action<IKafkaStreamConfigurator>? configureStreams = null, string[]? topics = null)
    {
        Action<KafkaStreamOptions> all = options =>
        {
            foreach (var topic in options.Topics)
            {
                topic.Partitions = partitions;
            }

            configure?.Invoke(options);
        };
        var prefix = RealKafka.IsGiven ? $"test-{Guid.NewGuid():N}." : "";
        var broker = RealKafka.IsGiven ? null : new EmbeddedBroker(Names, partitions);
        var process = RealKafka.IsGiven && isToBeStopped ? await RealKafka.StartOwnAsync() : null;
        var servers = broker?.BootstrapServers ?? process?.BootstrapServers ?? await RealKafka.StartAsync();
        var cluster = new StreamCluster(
            broker, process, servers, prefix, silos, all, configureAgents ?? (_ => { }), configureSilo ?? (_ => { }),
            configureStreams ?? (_ => { }));
        cluster.Describer?.MaxPartitions = partitionsAtFirst ?? int.MaxValue;
        foreach (var topic in topics ?? [])
        {
            await cluster.CreateTopicAsync(topic, partitions);
        }

        await cluster.Cluster.DeployAsync();
        await cluster.UntilReadAsync(ownTopicsRead * (partitionsAtFirst ?? partitions));
        return cluster;
    }

    /// <summary>Creates a topic that the options do not name; the embedded broker creates it at the first request.</summary>
    public async Task CreateTopicAsync(string name, int partitions)
    {
        if (_broker is null)
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Servers }).Build();
            await admin.CreateTopicsAsync([new() { Name = TopicOf(name), NumPartitions = partitions, ReplicationFactor = 1 }]);
        }
    }

    public IAsyncStream<Event> Stream(string streamNamespace, string key) => Stream<Event>(streamNamespace, key);

    public IAsyncStream<T> Stream<T>(string streamNamespace, string key) =>
        Cluster.Client.GetStreamProvider(Provider).GetStream<T>(StreamId.Create(streamNamespace, key));

    public async Task ProduceAsync(string streamNamespace, string key, int first, int count)
    {
        var stream = Stream(streamNamespace, key);
        await Task.WhenAll(Enumerable.Range(first, count).Select(number => stream.OnNextAsync(new(number))));
    }

    public static IKafkaStreamProducer ProducerOf(IServiceProvider services) =>
        services.GetRequiredKeyedService<IKafkaStreamProducer>(Provider);

    /// <summary>Sends a command to the provider in all silos.</summary>
    public Task<object?[]> CommandAsync(PersistentStreamProviderCommand command) => Cluster.Client.GetGrain<IManagementGrain>(0)
        .SendControlCommandToProvider<PersistentStreamProvider>(Provider, (int)command, null, TestContext.Current.CancellationToken);

    public IExplicitGrain Grain(string key) => Cluster.Client.GetGrain<IExplicitGrain>(key);

    public string TopicOf(string name) => _prefix + name;

    /// <summary>The committed offsets; -1001 without a commit.</summary>
    public long[] Committed(string topic, int partitions)
    {
        var config = new ConsumerConfig { BootstrapServers = Servers, GroupId = Group };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        var all = Enumerable.Range(0, partitions).Select(partition => new TopicPartition(TopicOf(topic), partition));
        return [.. consumer.Committed(all, TimeSpan.FromSeconds(10))
            .Select(offset => offset.Offset.Value)];
    }

    /// <returns>All messages of a topic, by partition and offset.</returns>
    public List<ConsumeResult<byte[]?, byte[]?>> Messages(string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = Servers,
            GroupId = "reads all",
            EnablePartitionEof = true,
            EnableAutoCommit = false,
            FetchWaitMaxMs = 10,
        }).Build();
        using (var admin = new DependentAdminClientBuilder(consumer.Handle).Build())
        {
            // A topic that nothing was written to may be missing.
            if (!admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Exists(found => found.Topic == TopicOf(topic)))
            {
                return [];
            }
        }

        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(TopicOf(topic), p, 0)));
        var messages = new List<ConsumeResult<byte[]?, byte[]?>>();
        for (var ends = 0; ends < partitions;)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(10)) ?? throw new TimeoutException($"The topic {topic} has no end.");
            if (result.IsPartitionEOF)
            {
                ends++;
            }
            else
            {
                messages.Add(result);
            }
        }

        return [.. messages.OrderBy(message => message.Partition.Value).ThenBy(message => message.Offset.Value)];
    }

    /// <summary>Produces a message as another application does.</summary>
    public Task SendAsync(string topic, string? key, string value, params (string Name, string Value)[] headers) => SendAsync(
        topic, key, Encoding.UTF8.GetBytes(value), [.. headers.Select(header => (header.Name, Encoding.UTF8.GetBytes(header.Value)))]);

    /// <summary>Produces bytes as another application does.</summary>
    public async Task SendAsync(string topic, string? key, byte[]? value, params (string Name, byte[] Value)[] headers)
    {
        var config = new ProducerConfig { BootstrapServers = Servers, Partitioner = Partitioner.Murmur2Random };
        using var producer = new ProducerBuilder<string?, byte[]?>(config).Build();
        var message = new Message<string?, byte[]?> { Key = key, Value = value, Headers = [] };
        foreach (var (name, bytes) in headers)
        {
            message.Headers.Add(name, bytes);
        }

        await producer.ProduceAsync(TopicOf(topic), message);
    }

    /// <summary>Waits until each partition has a reading silo.</summary>
    public Task UntilReadAsync(int partitions) => Until.Async(
        () => Caches.Sum(caches => caches.Length) == partitions,
        () => string.Join(" and ", Caches.Select(caches => caches.Length)),
        TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _broker?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private void Configure(KafkaStreamOptions options)
    {
        options.BootstrapServers = Servers;
        options.ConsumerGroup = Group;
        options.DeadLetterTopic = TopicOf("dlq");
        options.CreateTopics = _broker is null;
        options.StartPosition = KafkaStartPosition.Earliest;
        options.CheckpointInterval = TimeSpan.FromMilliseconds(100);
        options.PollTimeout = TimeSpan.FromMilliseconds(20);
        options.Topics.Add(new() { Name = TopicOf(Events) });
        options.Topics.Add(new() { Name = TopicOf("json"), Namespace = ImplicitGrain.Json, Format = "json" });
        options.Topics.Add(
            new() { Name = TopicOf("parts"), Namespace = ImplicitGrain.Parts, Format = "json", StreamPer = KafkaStreamUnit.Partition });
        options.Topics.Add(new() { Name = TopicOf("out"), Namespace = ImplicitGrain.ProduceOnly, Format = "json", ProduceOnly = true });
        options.ConfigureClient = client =>
        {
            if (client is ConsumerConfig consumer)
            {
                // The embedded broker answers a fetch at the end of its wait.
                consumer.FetchWaitMaxMs = 10;
            }
        };
        _configure(options);
    }
}
