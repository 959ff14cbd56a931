using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Dispatch;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Status;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Partitions;

/// <summary>Everything that the loop of a partition works with.</summary>
internal sealed record PartitionContext
{
    public required StartPosition Start { get; init; }

    /// <summary>The partition in logs.</summary>
    public PartitionName Name { get => field == default ? new(null, Start.Source.Partition) : field; init; }

    public required PartitionBuffer Buffer { get; init; }

    /// <summary>Wakes the loop.</summary>
    public required Signal Wake { get; init; }

    public required IPartitionConsumer Consumer { get; init; }

    /// <summary>Finds the window grain of a sensor and period.</summary>
    public required Func<int, Period, IWindowGrain> WindowGrainOf { get; init; }

    /// <summary>The window grains on this silo. Null if every grain is called.</summary>
    public ILocalWindowGrains? LocalGrains { get; init; }

    /// <summary>The monitors of the partition. Null without monitoring.</summary>
    public MonitorGrainHandles? Monitors { get; init; }

    public required IWindowStore Store { get; init; }

    /// <summary>The numbers of names. Null if no sensor has a name.</summary>
    public ISensorNames? Names { get; init; }

    /// <summary>Stores the names of measurements. Null if all are declared.</summary>
    public MeasurementDiscovery? Discovery { get; init; }

    /// <summary>
    /// Whether every silo knows what the number of a name is. Until then readings of named sensors and discovered measurements wait.
    /// </summary>
    public LaterFormIsKnown? LaterFormIsKnown { get; init; }

    public required IDeadLetterSink DeadLetters { get; init; }

    /// <summary>The rules by which the messages were rejected. Null if none depends on the time.</summary>
    public RejectionRules? Rejection { get; init; }

    public required IngestOptions Options { get; init; }

    /// <summary>Tests replace single rules to show what each of them prevents.</summary>
    public ExactnessRules Rules { get; init; } = ExactnessRules.Default;

    /// <summary>Spreads retries. Tests repeat it.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>What the partitions of the silo share for their flushes.</summary>
    public required FlushBudget FlushBudget { get; init; }

    public PartitionCounters Counters { get; init; } = new();

    /// <summary>Receives the latest reading of each sensor.</summary>
    public LatestReadings? Latest { get; init; }

    /// <summary>Measures how long the partition takes to catch up after its assignment.</summary>
    public RebalanceTimings? Timings { get; init; }

    /// <summary>Measures how long readings take until they are durable.</summary>
    public EndToEndLatency? Latency { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>The log of outages that the partitions of a silo share.</summary>
    public PartitionOutages Outages { get => field ??= new(Clock, Logger); init; }

    /// <summary>The partition waits and will try again.</summary>
    public void Stalled(string reason)
    {
        Counters.Stalled(reason, EpochTime.Now(Clock));
        Outages.Failed(Name, reason);
    }

    /// <summary>The partition goes on.</summary>
    public void Recovered()
    {
        Counters.Recovered();
        Outages.Ended(Name);
    }
}
