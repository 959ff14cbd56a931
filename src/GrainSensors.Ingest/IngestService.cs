using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Consuming;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Telemetry;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest;

/// <summary>
/// Takes readings from Kafka into windows while the silo is active: begins when grains can be called, and ends,
/// with everything durable that was taken, before they no longer can.
/// </summary>
public sealed partial class IngestService : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    private readonly GroupConsumer _consumer;
    private readonly PartitionHandover _owner;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private ITimer? _ticks;

    internal IngestService(
        KafkaClients clients, PartitionHandover owner, IngestOptions options, ReadingParser parser, IngestMetrics metrics, TimeProvider clock, ILogger<IngestService> logger)
    {
        _owner = owner;
        _options = options;
        _clock = clock;
        _logger = logger;
        _consumer = new(clients, owner, options, parser, clock, logger);
        metrics.Observe(GetStatus);
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(IngestService), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <summary>
    /// Completes when nothing is fetched any more: with null after a stop, else with a defect. Then only a new process
    /// goes on; this one keeps its silo in the cluster for nothing.
    /// </summary>
    public Task<Exception?> Ended => _consumer.Ended;

    /// <summary>Whether everything that was taken had become durable when it stopped; what had not is in the log still.</summary>
    public bool IsDrained { get; private set; }

    public IngestStatus GetStatus()
    {
        var totals = _owner.Retired;
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
                counters.Trouble));
        }

        return new(totals, partitions);
    }

    /// <summary>Closes every open window of the partitions that are here, whatever the stream time.</summary>
    /// <returns>When all of them are final and everything in the log is checkpointed.</returns>
    public Task CloseAllAsync() => Task.WhenAll(Loops.Select(loop => loop.CloseAllAsync()));

    /// <summary>Has the partitions look what is due now. They do so by themselves some times a second.</summary>
    public void Tick()
    {
        foreach (var loop in Loops)
        {
            loop.Tick();
        }
    }

    /// <summary>Checkpoints what was taken from the partitions that are here now rather than when it is due, for somebody who waits for it.</summary>
    public void WantCheckpoint()
    {
        foreach (var loop in Loops)
        {
            loop.WantCheckpoint();
        }
    }

    private IEnumerable<PartitionLoop> Loops => _consumer.Partitions.Select(partition => partition.Loop).OfType<PartitionLoop>();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _consumer.Start();
        _ticks = _clock.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
        return Task.CompletedTask;
    }

    /// <param name="cancellationToken">Cancelled already: the silo is being killed, so stop as a crash would.</param>
    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var killed = cancellationToken.IsCancellationRequested;
        if (!killed)
        {
            await DrainAsync(cancellationToken);
        }

        // What could not be drained is given up, and the group hears of it: others read it again, now rather than later.
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
            await Task.WhenAll(Loops.Select(loop => loop.DrainAsync())).WaitAsync(_options.DrainTimeout, _clock, cancellationToken);
            IsDrained = true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            LogNotDrained(_logger, string.Join(' ', GetStatus().Troubles));
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "Not everything could be made durable before the stop; it is read again. {Troubles}")]
    private static partial void LogNotDrained(ILogger logger, string troubles);
}
