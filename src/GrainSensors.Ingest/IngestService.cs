using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Consuming;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Status;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Names;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest;

/// <summary>
/// Processes readings from Kafka while the silo is active. It starts when grains can be called, and it stops before they no
/// longer can, after a checkpoint of everything that was dispatched.
/// </summary>
public sealed partial class IngestService : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    private readonly GroupConsumer _consumer;
    private readonly PartitionHandover _handover;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private ITimer? _ticks;

    internal IngestService(
        KafkaClients clients,
        ReadTopics topics,
        PartitionHandover handover,
        IngestOptions options,
        ReadingParser parser,
        ISensorNames names,
        MeasurementDiscovery discovery,
        IngestMetrics metrics,
        FlushBudget flushBudget,
        TimeProvider clock,
        ILogger<IngestService> logger)
    {
        _handover = handover;
        _options = options;
        _clock = clock;
        _logger = logger;
        _consumer = new(clients, topics, handover, options, parser, names, discovery, clock, logger);
        metrics.Observe(GetStatus, () => flushBudget.Flushed, () => discovery.Dropped);
    }

    /// <summary>Starts and stops ingest with the silo.</summary>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(IngestService), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <summary>
    /// Completes when the consumer has ended: with null after a stop, otherwise with the reason. After a failure the silo has
    /// no use in the cluster, and the process must be restarted.
    /// </summary>
    public Task<Exception?> Ended => _consumer.Ended;

    /// <summary>
    /// Whether at the stop every partition was being read and everything that was dispatched was durable. Otherwise it is read from
    /// the log again.
    /// </summary>
    public bool IsDrained { get; private set; }

    /// <returns>The present status of ingest on this silo.</returns>
    public IngestStatus GetStatus()
    {
        var totals = _handover.Retired;
        var partitions = new List<PartitionStatus>();
        foreach (var partition in _consumer.Partitions)
        {
            var counters = partition.Counters;
            totals = totals.Plus(IngestTotals.Of(counters));
            partitions.Add(new(
                partition.Partition,
                partition.Loop is not null,
                counters.Position,
                counters.Checkpointed,
                counters.CheckpointedAt,
                EpochTime.Now(_clock) - EpochTime.From(_clock.GetElapsedTime(partition.AssignedAt)),
                counters.EndOffset,
                partition.Loop?.StreamTime ?? EpochTime.Min,
                counters.OpenWindows,
                counters.Trouble,
                counters.StalledSince)
            {
                Topic = partition.At.Topic,
                IsContract = partition.Reader is null,
            });
        }

        return new(totals, partitions);
    }

    /// <summary>Closes every open window of the assigned partitions, regardless of the stream time.</summary>
    /// <returns>Completes when all of them are final and everything in the log is checkpointed.</returns>
    public Task CloseAllAsync() => Task.WhenAll(Loops.Select(loop => loop.Requests.CloseAllAsync()));

    /// <summary>Makes the loops check what is due. They do so by themselves several times a second.</summary>
    public void Tick()
    {
        foreach (var loop in Loops)
        {
            loop.Requests.Tick();
        }
    }

    /// <summary>
    /// Dispatches fetched readings at once from now on, because no batch gets larger by waiting when the producer has ended.
    /// </summary>
    public void DispatchWithoutWaiting()
    {
        foreach (var loop in Loops)
        {
            loop.Requests.DispatchWithoutWaiting();
        }
    }

    /// <summary>Requests a checkpoint of everything that was dispatched, ahead of the schedule.</summary>
    public void RequestCheckpoint()
    {
        foreach (var loop in Loops)
        {
            loop.Requests.RequestCheckpoint();
        }
    }

    private IEnumerable<PartitionLoop> Loops => _consumer.Partitions.Select(partition => partition.Loop).OfType<PartitionLoop>();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _consumer.Start();
        _ticks = _clock.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
        return Task.CompletedTask;
    }

    /// <param name="cancellationToken">If it is cancelled already, the silo is being killed, and the stop must look like a crash.</param>
    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var killed = cancellationToken.IsCancellationRequested;
        if (!killed)
        {
            await DrainAsync(cancellationToken);
        }

        // Partitions that could not be drained are dropped. Leaving the group lets the next owners read them at once.
        await _consumer.StopAsync(leave: !killed);
        if (_ticks is not null)
        {
            await _ticks.DisposeAsync();
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            var drained = Task.WhenAll(Loops.Select(loop => loop.Requests.DrainAsync()));
            await drained.WaitAsync(_options.DrainTimeout, _clock, cancellationToken);

            // A partition whose start position is not known has read nothing, and what the log holds of it is not in the store.
            IsDrained = _consumer.Partitions.All(partition => partition.Loop is not null);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            LogNotDrained(_logger, string.Join(' ', GetStatus().Troubles));
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "Some readings were not durable when the silo stopped and will be read again. {Problems}")]
    private static partial void LogNotDrained(ILogger logger, string problems);
}
