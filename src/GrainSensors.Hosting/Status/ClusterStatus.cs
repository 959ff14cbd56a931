using GrainSensors.Contracts.Cluster;

namespace GrainSensors.Hosting.Status;

/// <summary>How a cluster stands, put together from what its silos tell. <c>grainsensors status --json</c> prints it.</summary>
/// <param name="IsHealthy">Every member is active and can use its servers, and every partition is worked off by one of them.</param>
/// <param name="Lag">Of all partitions that have an owner.</param>
/// <param name="Store">Where the windows are; holds no secret.</param>
internal sealed record ClusterStatus(
    string ClusterId, bool IsHealthy, string Store, string Kafka, string Topic, long Lag, IReadOnlyList<SiloReport> Silos, IReadOnlyList<PartitionLine> Partitions)
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
        return new(clusterId, healthy, store, answer?.KafkaServers ?? "", answer?.Topic ?? "", lines.Sum(line => line.Lag ?? 0), silos, lines);
    }
}

/// <summary>A partition of the readings' topic.</summary>
/// <param name="Owner">The silo that works it off; null: none.</param>
/// <param name="State"><see cref="Running"/>, or what is wrong.</param>
/// <param name="CheckpointAge">Seconds since the last checkpoint; null: there was none since the owner has it.</param>
internal sealed record PartitionLine(int Partition, string? Owner, string State, long? Lag, long? Checkpointed, double? CheckpointAge, long? OpenWindows)
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
