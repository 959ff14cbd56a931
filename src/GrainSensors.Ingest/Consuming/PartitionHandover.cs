using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>What becomes of a partition between its assignment and its revocation.</summary>
#pragma warning disable CA1001 // a semaphore that hands out no wait handle holds nothing, and flushes of a partition that was given up return to it late
internal sealed partial class PartitionHandover(
#pragma warning restore CA1001
    StartPositionResolver starter,
    IGrainFactory grains,
    IWindowStore store,
    IDeadLetterSink deadLetters,
    LatestReadings latest,
    IngestOptions options,
    IngestMetrics metrics,
    KafkaClients clients,
    TimeProvider clock,
    ILogger<PartitionLoop> loopLogger,
    ILogger<PartitionHandover> logger,
    ILocalWindowGrains? activations = null)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>Releases under way at once: as many as a silo deactivates in a moment.</summary>
    private const int ReleaseChunk = 2048;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _flushPermits = new(CheckpointAttempt.MaxGroups);
    private IngestTotals _retired = IngestTotals.None;

    /// <summary>What the partitions have done that are no longer here.</summary>
    public IngestTotals Retired
    {
        get
        {
            lock (_gate)
            {
                return _retired;
            }
        }
    }

    /// <inheritdoc cref="StartPositionResolver.LoadContext"/>
    public Lazy<Task<StartPositionResolver.RebalanceContext>> LookAround() => starter.LoadContext();

    /// <returns>Where to begin; null: the partition was given up before that was known.</returns>
    /// <param name="surroundings">Of the partitions that were assigned together; see <see cref="LookAround"/>.</param>
    public async Task<StartPosition?> PrepareAsync(AssignedPartition partition, Lazy<Task<StartPositionResolver.RebalanceContext>> surroundings)
    {
        // Kafka or the store, as a rule; whatever fails, a partition that nobody works off helps nobody.
        var untilKnown = RetryForever.Create(
            clock,
            FirstRetry,
            failure =>
            {
                partition.Counters.Trouble = failure.Message;
                LogNotPrepared(logger, partition.Partition, failure.Message);
                surroundings = LookAround();
            },
            goesOn: () => !partition.IsGivenUp);
        try
        {
            var assignment = await untilKnown.ExecuteAsync(
                async _ => partition.IsGivenUp ? null : await starter.StartAsync(partition.Partition, surroundings, partition.Counters));
            partition.Counters.Trouble = null;
            return assignment;
        }
        catch (Exception) when (partition.IsGivenUp)
        {
            return null;
        }
    }

    public PartitionLoop MakeLoop(StartPosition assignment, AssignedPartition partition, PartitionBuffer buffer, Signal wake) => new(
        assignment, buffer, wake, partition, GrainOf, store, deadLetters, partition.Counters, options, ExactnessRules.Default, clock, loopLogger)
    {
        Activations = activations,
        Latest = latest,
        FlushPermits = _flushPermits,
        Monitors = options.IsMonitoringEnabled ? new(assignment.Source, assignment.Partitions, shard => grains.GetGrain<IMonitorGrain>(shard), clock) : null,
        Durability = new(metrics, clients.Options.Topic, partition.Partition),
        CatchUp = new(partition.Partition, partition.AssignedAt, assignment.EndOffset, clock, loopLogger),
    };

    /// <summary>
    /// Makes durable what the partitions have taken, checkpoints it, and lets their window grains go, so that the
    /// next owner's silo takes them. What takes longer than the timeout is given up: the next owner reads it again.
    /// </summary>
    public void HandOver(IReadOnlyList<AssignedPartition> partitions, TimeSpan timeout)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        // A silo that stops has drained the loops before it leaves the group.
        var started = partitions.Min(partition => partition.Loop?.DrainingSince) ?? clock.GetTimestamp();
        var handOvers = partitions.Select(HandOverAsync).ToList();
        try
        {
            Task.WhenAll(handOvers).Wait(timeout);
        }
        finally
        {
            foreach (var partition in partitions)
            {
                if (partition.Loop is { IsCompleted: false })
                {
                    LogNotDrained(logger, partition.Partition, clock.GetElapsedTime(started), partition.Counters.Trouble ?? "it took too long");
                }

                partition.GiveUp();
                Retire(partition);
            }

            var released = handOvers.Where(handOver => handOver.IsCompletedSuccessfully).Sum(handOver => handOver.Result);
            LogHandedOver(logger, Names(partitions), clock.GetElapsedTime(started).TotalSeconds, released);
        }
    }

    public static string Names(IEnumerable<AssignedPartition> partitions) => string.Join(", ", partitions.Select(partition => partition.Partition));

    public void Retire(AssignedPartition partition)
    {
        lock (_gate)
        {
            _retired = _retired.Plus(IngestTotals.Of(partition.Counters));
        }
    }

    /// <returns>How many grains were released.</returns>
    private static async Task<int> HandOverAsync(AssignedPartition partition)
    {
        if (partition.Loop is not { } loop)
        {
            return 0;
        }

        await loop.DrainAsync();
        var released = 0;
        foreach (var chunk in loop.Grains().Chunk(ReleaseChunk))
        {
            released += chunk.Length;
            await Task.WhenAll(chunk.Select(grain => grain.Release().AsTask()))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var monitor in loop.Monitors?.Told ?? [])
        {
            await monitor.Release(loop.Source).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return released;
    }

    private IWindowGrain GrainOf(int sensorId, Period period) => grains.GetGrain<IWindowGrain>(sensorId, period.ToString());

    [LoggerMessage(1040, LogLevel.Warning, "Partition {Partition} cannot begin yet: {Reason}")]
    private static partial void LogNotPrepared(ILogger logger, int partition, string reason);

    [LoggerMessage(1041, LogLevel.Warning, "Partition {Partition} was given up after {Elapsed}, what it had taken since its checkpoint is read again: {Reason}")]
    private static partial void LogNotDrained(ILogger logger, int partition, TimeSpan elapsed, string reason);

    [LoggerMessage(1042, LogLevel.Information, "Partitions {Partitions} were handed over in {Elapsed:0.00} s, {Grains} window grains released")]
    private static partial void LogHandedOver(ILogger logger, string partitions, double elapsed, int grains);
}
