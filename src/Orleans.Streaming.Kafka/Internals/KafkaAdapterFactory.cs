using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Streams;
using Orleans.Streams.Filtering;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Receiving;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>Creates the parts of a stream provider for Orleans.</summary>
internal sealed class KafkaAdapterFactory(
    KafkaClients clients, ITopicDescriber describer, IKafkaStreamMapper? mapper, EventCodec codec, StreamPullingAgentOptions agents,
    int maxRunLength, IStreamFailureHandler failures, Func<SiloServices>? silo, PartitionCheckpoints? checkpoints, TimeProvider clock,
    ILogger logger)
    : IQueueAdapterFactory, IQueueAdapterCache, IControllable, IDisposable
{
    private readonly Lock _gate = new();
    private Task<IQueueAdapter>? _adapter;
    private KafkaStreamConnection? _connection;

    /// <summary>Whether <see cref="Connection"/> is there.</summary>
    public bool IsStarted => _connection is not null;

    /// <exception cref="InvalidOperationException">The stream provider has not started.</exception>
    public KafkaStreamConnection Connection => _connection
        ?? throw new InvalidOperationException(
            $"The stream provider \"{clients.Provider}\" has not started; wait for the start of the host.");

    /// <summary>Creates the factory of a silo, whose agents read the topics.</summary>
    public static IQueueAdapterFactory CreateForSilo(IServiceProvider services, string name) => Create(services, name, reads: true);

    /// <summary>Creates the factory of a client, which produces only.</summary>
    public static IQueueAdapterFactory CreateForClient(IServiceProvider services, string name) => Create(services, name, reads: false);

    private static KafkaAdapterFactory Create(IServiceProvider services, string name, bool reads)
    {
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = services.GetRequiredService<ILoggerFactory>()
            .CreateLogger($"{typeof(KafkaStreamOptions).Assembly.GetName().Name}.{name}");
        var options = services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get(name);

        // Orleans asks a filter once for all messages of a call, so a call must have one message.
        var hasFilter = services.GetKeyedService<IStreamFilter>(name) is not null;
        var agents = services.GetRequiredService<IOptionsMonitor<StreamPullingAgentOptions>>().Get(name);
        if (hasFilter && agents.BatchContainerBatchSize > 1)
        {
            throw new OrleansConfigurationException(
                $"{nameof(agents.BatchContainerBatchSize)} of the Kafka stream provider \"{name}\" must be 1 with a stream filter; "
                + $"got {agents.BatchContainerBatchSize}. The pulling agent does not report which messages of a batch the filter drops.");
        }

        var checkpointers = services.GetKeyedService<IStreamQueueCheckpointerFactory>(name);
        if (checkpointers is not null && !reads)
        {
            throw new OrleansConfigurationException(
                $"The Kafka stream provider \"{name}\" of this client has a checkpointer, which it does not use; "
                + "add the checkpointer to the provider of the silos.");
        }

        var clients = new KafkaClients(
            options, name, services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId, clock, logger,
            services.GetService<IMeterFactory>());
        return new KafkaAdapterFactory(
            clients,
            services.GetKeyedService<ITopicDescriber>(name) ?? new TopicDescriber(clients, logger),
            services.GetKeyedService<IKafkaStreamMapper>(name),
            services.GetRequiredService<EventCodec>(),
            agents,
            hasFilter ? 1 : options.MaxMessagesPerDelivery,
            services.GetKeyedService<IStreamFailureHandler>(name) ?? new DeadLetterFailures(),
            reads ? () => SiloServices.Of(services) : null,
            checkpointers is null ? null : new(checkpointers, clock, logger),
            clock,
            logger);
    }

    [Obsolete("Orleans calls the overload with a CancellationToken.")]
    public Task<IQueueAdapter> CreateAdapter() => CreateAdapter(CancellationToken.None);

    /// <summary>Creates the adapter once: agents have its caches and receivers. A failed start may be tried again.</summary>
    public Task<IQueueAdapter> CreateAdapter(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_adapter is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _adapter = StartAsync(cancellationToken);
            }

            return _adapter;
        }
    }

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => Connection.Topics;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) => Task.FromResult(failures);

    public async Task<object?> ExecuteCommand(int command, object? arg)
    {
        switch ((KafkaStreamCommand)command)
        {
            case KafkaStreamCommand.ResumePartitions:
                return await Connection.ResumeAsync();
            case KafkaStreamCommand.FindPartitions:
                await Connection.Watch.CheckAsync();
                return Connection.Caches.Count;
            default:
                throw new ArgumentException(
                    $"The command must be {KafkaStreamCommand.ResumePartitions} or {KafkaStreamCommand.FindPartitions}; got {command}.",
                    nameof(command));
        }
    }

    public IQueueCache CreateQueueCache(QueueId queueId) => Connection.OpenCache(queueId);

    public void Dispose() => _connection?.Dispose();

    private async Task<IQueueAdapter> StartAsync(CancellationToken cancellationToken)
    {
        var topics = await new TopicSetup(clients, describer, mapper, logger, clock).FindAsync(cancellationToken);
        if (silo is not null)
        {
            await new GroupStart(clients, clock, logger).CommitAsync(topics.Topics, cancellationToken);
        }

        _connection = new(clients, topics, describer, codec, agents, maxRunLength, silo?.Invoke(), checkpoints, clock, logger);
        return new KafkaAdapter(_connection);
    }
}
