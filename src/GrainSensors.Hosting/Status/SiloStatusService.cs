using System.Diagnostics;
using System.Reflection;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Health;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Status;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Hosting.Status;

/// <inheritdoc cref="ISiloStatusService"/>
internal sealed class SiloStatusService(
    GrainId grainId,
    Orleans.Runtime.Silo silo,
    ILoggerFactory loggerFactory,
    IngestService ingest,
    LatestLease latest,
    Dependencies dependencies,
    FeatureLevel featureLevel,
    KafkaProbe kafka,
    IOptions<KafkaOptions> kafkaOptions,
    IOptions<SiloOptions> options)
    : GrainService(grainId, silo, loggerFactory), ISiloStatusService
{
    private static readonly DateTime Started = Process.GetCurrentProcess().StartTime.ToUniversalTime();
    private readonly string _address = silo.SiloAddress.Endpoint.ToString();

    public static string Version { get; } =
        typeof(SiloStatusService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public Task<SiloReport> GetReport()
    {
        var status = ingest.GetStatus();
        var totals = status.Totals;
        return Task.FromResult(new SiloReport(
            _address,
            options.Value.SiloName,
            nameof(SiloStatus.Active),
            Version,
            Started,
            null,
            kafkaOptions.Value.BootstrapServers,
            kafkaOptions.Value.Topic,
            kafka.Partitions,
            [.. status.Partitions.Select(Report)],
            new(totals.Readings, totals.Rejected, totals.Late, totals.Closed, totals.Rewinds, totals.Missed),
            dependencies.Store.Trouble,
            dependencies.Kafka.Trouble,
            dependencies.Store.TroubleSince,
            dependencies.Kafka.TroubleSince,
            featureLevel.Own,
            featureLevel.Current,
            kafka.SourcePartitions.ToDictionary()));
    }

    public Task<LatestReport> GetLatest() => Task.FromResult(latest.Read());

    private static PartitionReport Report(PartitionStatus partition) => new(
        partition.Partition,
        partition.IsReady,
        partition.Position,
        partition.Checkpointed,
        partition.CheckpointedAt == 0 ? null : EpochTime.ToDateTime(partition.CheckpointedAt),
        partition.Lag,
        partition.OpenWindows,
        partition.Trouble,
        partition.StalledSince is { } since ? EpochTime.ToDateTime(since) : null,
        partition.StreamTime == EpochTime.Min ? null : EpochTime.ToDateTime(partition.StreamTime),
        partition.IsContract ? null : partition.Topic);
}
