using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Retrying;
using GrainSensors.Ingest.Status;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Takes over assigned partitions and hands over revoked ones: start positions, loops, and the release of grains.</summary>
internal sealed partial class PartitionHandover(
    StartPositionResolver resolver,
    IGrainFactory grains,
    IWindowStore store,
    ISensorNames names,
    MeasurementDiscovery discovery,
    IDeadLetterSink deadLetters,
    LatestReadings latest,
    ReadingParser parser,
    IngestOptions options,
    FlushBudget flushBudget,
    IngestMetrics metrics,
    TimeProvider clock,
    ILogger<PartitionLoop> loopLogger,
    ILogger<PartitionHandover> logger,
    ILocalWindowGrains? localGrains = null,
    LaterFormIsKnown? laterFormIsKnown = null)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>Release calls in flight: as many as a silo can deactivate at the same time.</summary>
    private const int ReleaseChunk = 2048;

    private readonly Lock _gate = new();
    private readonly PartitionOutages _outages = new(clock, loopLogger);
    private readonly List<AssignedPartition> _leaving = [];
    private IngestTotals _retired = IngestTotals.None;

    /// <summary>The totals of the partitions that are no longer assigned to this silo.</summary>
    public IngestTotals Retired
    {
        get
        {
            lock (_gate)
            {
                return _leaving.Aggregate(_retired, (totals, partition) => totals.Plus(IngestTotals.Of(partition.Counters)));
            }
        }
    }

    /// <summary>The outages of all partitions of this silo.</summary>
    public PartitionOutages Outages => _outages;

    /// <inheritdoc cref="StartPositionResolver.LoadContext"/>
    public Lazy<Task<StartPositionResolver.RebalanceContext>> LoadContext() => resolver.LoadContext();

    /// <summary>Resolves the start position of a partition, and retries until it succeeds.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="context">The context of the partitions that were assigned together; see <see cref="LoadContext"/>.</param>
    /// <returns>The start position. Null if the partition was revoked before it was known.</returns>
    public async Task<StartPosition?> ResolveStartAsync(
        AssignedPartition partition, Lazy<Task<StartPositionResolver.RebalanceContext>> context)
    {
        // Usually Kafka or the store is unavailable. Any other failure is retried too, because the partition would otherwise stand still.
        var untilKnown = RetryForever.Create(
            clock,
            FirstRetry,
            failure =>
            {
                var reason = FailureReason.Of(failure);
                partition.Counters.Stalled(reason, EpochTime.Now(clock));
                _outages.Failed(partition.Name, reason, isStarting: true);
                context = LoadContext();
            },
            goesOn: () => !partition.IsRevoked);
        try
        {
            var start = await untilKnown.ExecuteAsync(
                async _ => partition.IsRevoked ? null : await resolver.ResolveAsync(partition, context));
            partition.Counters.Recovered();
            return start;
        }
        catch (Exception) when (partition.IsRevoked)
        {
            return null;
        }
        finally
        {
            _outages.Ended(partition.Name);
        }
    }

    public PartitionLoop CreateLoop(StartPosition start, AssignedPartition partition, PartitionBuffer buffer, Signal wake) => new(new()
    {
        Start = start,
        Name = partition.Name,
        Buffer = buffer,
        Wake = wake,
        Consumer = partition,
        WindowGrainOf = WindowGrainOf,
        LocalGrains = localGrains,
        Monitors = options.IsMonitoringEnabled
            ? new(start.Source, start.Partitions, shard => grains.GetGrain<IMonitorGrain>(shard), clock)
            : null,
        Store = store,
        Names = names,
        Discovery = discovery,
        LaterFormIsKnown = laterFormIsKnown,
        DeadLetters = deadLetters,
        Rejection = new(parser, new(options.Period, options.Retention)),
        Options = options,
        FlushBudget = flushBudget,
        Counters = partition.Counters,
        Latest = latest,
        Timings = new(partition.Name, partition.AssignedAt, start.EndOffset, clock, loopLogger),
        Latency = new(metrics, partition.At.Topic, partition.Partition),
        Clock = clock,
        Logger = loopLogger,
        Outages = _outages,
    });

    /// <summary>
    /// Checkpoints the dispatched readings of the partitions and releases their window grains, so that they are activated on the
    /// silo of the next owner. After the timeout the loops are dropped, and the next owner reads from the last checkpoint.
    /// </summary>
    public void HandOver(IReadOnlyList<AssignedPartition> partitions, TimeSpan timeout)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        // A silo that stops has drained the loops before it leaves the group.
        var started = partitions.Min(partition => partition.Loop?.Requests.DrainingSince) ?? clock.GetTimestamp();
        var handovers = partitions.Select(HandOverAsync).ToList();
        try
        {
            Task.WhenAll(handovers).Wait(timeout);
        }
        finally
        {
            foreach (var partition in partitions)
            {
                if (partition.Loop is { Requests.IsCompleted: false })
                {
                    LogNotDrained(
                        logger,
                        partition.Name,
                        clock.GetElapsedTime(started),
                        partition.Counters.Trouble ?? "the drain timeout has passed");
                }

                partition.Revoke();
                Retire(partition);
            }

            var released = handovers.Where(handover => handover.IsCompletedSuccessfully).Sum(handover => handover.Result);
            LogHandedOver(logger, Names(partitions), clock.GetElapsedTime(started).TotalSeconds, released);
        }
    }

    public static string Names(IEnumerable<AssignedPartition> partitions) =>
        string.Join(", ", partitions.Select(partition => partition.Name));

    /// <summary>Adds the counters of a partition to <see cref="Retired"/>. Until its start has ended, it may still count.</summary>
    public void Retire(AssignedPartition partition)
    {
        lock (_gate)
        {
            _leaving.Add(partition);
        }

        _ = partition.Start.ContinueWith(
            _ =>
            {
                lock (_gate)
                {
                    _leaving.Remove(partition);
                    _retired = _retired.Plus(IngestTotals.Of(partition.Counters));
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <returns>The number of window grains that were released.</returns>
    private static async Task<int> HandOverAsync(AssignedPartition partition)
    {
        if (partition.Loop is not { } loop)
        {
            return 0;
        }

        await loop.Requests.DrainAsync();
        var released = 0;
        foreach (var chunk in loop.Grains().Chunk(ReleaseChunk))
        {
            released += chunk.Length;
            await Task.WhenAll(chunk.Select(grain => grain.Release().AsTask()))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var monitor in loop.Monitors?.Receivers ?? [])
        {
            await monitor.Release(loop.Source).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return released;
    }

    private IWindowGrain WindowGrainOf(int sensorId, Period period) => grains.GetGrain<IWindowGrain>(sensorId, period.ToString());

    [LoggerMessage(
        1041,
        LogLevel.Warning,
        "Partition {Partition} was not drained within {Elapsed}; the next owner reads it from its last checkpoint: {Reason}")]
    private static partial void LogNotDrained(ILogger logger, PartitionName partition, TimeSpan elapsed, string reason);

    [LoggerMessage(
        1042, LogLevel.Information, "Partitions {Partitions} were handed over in {Elapsed:0.00} s, {Grains} window grains released")]
    private static partial void LogHandedOver(ILogger logger, string partitions, double elapsed, int grains);
}
