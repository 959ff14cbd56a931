using GrainSensors.Contracts.Cluster;

namespace GrainSensors.Hosting.Status;

/// <summary>The status of a cluster, from the reports of its silos. <c>grainsensors status --json</c> prints it.</summary>
/// <param name="IsHealthy">Every silo is active and reaches its servers, and every partition has an owner that reads it.</param>
/// <param name="Lag">The sum of the partitions with an owner.</param>
/// <param name="Store">The store of the windows, without secrets.</param>
internal sealed record ClusterStatus(
    string ClusterId,
    bool IsHealthy,
    string Store,
    string Kafka,
    string Topic,
    long Lag,
    IReadOnlyList<SiloReport> Silos,
    IReadOnlyList<PartitionLine> Partitions)
{
    public static ClusterStatus From(string clusterId, string store, IReadOnlyList<SiloReport> silos, DateTime now)
    {
        var answer = silos.FirstOrDefault(silo => silo.Trouble is null);
        var owned = silos.SelectMany(silo => silo.Partitions.Select(partition => PartitionLine.Of(silo.Address, partition, now))).ToList();
        var known = Math.Max(silos.Max(silo => silo.TopicPartitions), owned.Select(line => line.Partition + 1).DefaultIfEmpty().Max());
        var orphans = Enumerable.Range(0, known).Except(owned.Select(line => line.Partition)).Select(PartitionLine.WithoutOwner);
        var lines = owned.Concat(orphans).OrderBy(line => line.Partition).ToList();
        var healthy = known > 0
            && silos.All(silo => silo is { State: nameof(SiloStatus.Active), Trouble: null, PostgresTrouble: null, KafkaTrouble: null })
            && lines.TrueForAll(line => line.State == PartitionLine.Running);
        var lag = lines.Sum(line => line.Lag ?? 0);
        return new(clusterId, healthy, store, answer?.KafkaServers ?? "", answer?.Topic ?? "", lag, silos, lines);
    }
}

/// <summary>A partition of the readings topic.</summary>
/// <param name="Owner">The silo that reads the partition; null: none.</param>
/// <param name="State"><see cref="Running"/>, or the fault.</param>
/// <param name="CheckpointAge">Seconds since the last checkpoint; null: the owner has taken none yet.</param>
internal sealed record PartitionLine(
    int Partition, string? Owner, string State, long? Lag, long? Checkpointed, double? CheckpointAge, long? OpenWindows)
{
    public const string Running = "running";

    public static PartitionLine Of(string owner, PartitionReport partition, DateTime now) => new(
        partition.Partition,
        owner,
        partition.Trouble ?? (partition.IsReady ? Running : "starting"),
        partition.Lag,
        partition.Checkpointed,
        partition.CheckpointedAt is { } at ? Math.Round(Math.Max(0, (now - at).TotalSeconds), 1) : null,
        partition.OpenWindows);

    public static PartitionLine WithoutOwner(int partition) => new(partition, null, "no owner", null, null, null, null);
}
