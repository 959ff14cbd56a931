using System.Text.Json.Serialization;
using GrainSensors.Contracts.Cluster;

namespace GrainSensors.Hosting.Status;

/// <summary>The status of a cluster, from the reports of its silos. <c>grainsensors status --json</c> prints it.</summary>
/// <param name="IsHealthy">Every silo is active and reaches its servers, and every partition has an owner that reads it.</param>
/// <param name="Lag">The sum of all partitions; null: that of a partition is unknown, because no silo reads it.</param>
/// <param name="Store">The store of the windows, without secrets.</param>
/// <param name="WriteOutage">Why windows get no readings, or are not written, at present; null: neither is the case.</param>
/// <param name="FeatureLevel">The lowest feature level of all members; null: no silo answers.</param>
internal sealed record ClusterStatus(
    string ClusterId,
    bool IsHealthy,
    string Store,
    string Kafka,
    string Topic,
    long? Lag,
    IReadOnlyList<SiloReport> Silos,
    IReadOnlyList<PartitionLine> Partitions,
    WriteOutage? WriteOutage = null,
    int? FeatureLevel = null)
{
    /// <summary>A retry of a checkpoint may pass; the status reports what lasts longer.</summary>
    private static readonly TimeSpan ShortestOutage = TimeSpan.FromSeconds(5);

    public static ClusterStatus From(string clusterId, string store, IReadOnlyList<SiloReport> silos, DateTime now)
    {
        var answer = silos.FirstOrDefault(silo => silo.Trouble is null);
        var owned = silos.SelectMany(silo => silo.Partitions.Select(partition => PartitionLine.Of(silo.Address, partition, now))).ToList();
        var readings = owned.Where(line => line.SourceTopic is null).Select(line => line.Partition).ToList();
        var known = Math.Max(silos.Max(silo => silo.TopicPartitions), readings.Select(partition => partition + 1).DefaultIfEmpty().Max());
        var orphans = Enumerable.Range(0, known).Except(readings).Select(partition => PartitionLine.WithoutOwner(partition, null))
            .Concat(OrphansOfSources(silos, owned));
        var lines = owned.Concat(orphans).OrderBy(line => line.SourceTopic, StringComparer.Ordinal).ThenBy(line => line.Partition).ToList();
        var healthy = known > 0
            && silos.All(silo => silo is { State: nameof(SiloStatus.Active), Trouble: null, PostgresTrouble: null, KafkaTrouble: null })
            && lines.TrueForAll(line => line.State == PartitionLine.Running);
        var lag = lines.Count > 0 && lines.TrueForAll(line => line.Lag is not null) ? lines.Sum(line => line.Lag) : null;
        var outage = OutageOf(silos, now);
        var level = silos.Where(silo => silo.Trouble is null).Min(silo => (int?)silo.ClusterFeatureLevel);
        return new(clusterId, healthy, store, answer?.KafkaServers ?? "", answer?.Topic ?? "", lag, silos, lines, outage, level);
    }

    private static IEnumerable<PartitionLine> OrphansOfSources(IReadOnlyList<SiloReport> silos, List<PartitionLine> owned)
    {
        var read = owned.Select(line => (line.SourceTopic, line.Partition)).ToHashSet();
        return silos.SelectMany(silo => silo.SourceTopics ?? [])
            .SelectMany(topic => Enumerable.Range(0, topic.Value).Select(partition => (topic.Key, Partition: partition))).Distinct()
            .Where(source => !read.Contains(source))
            .Select(source => PartitionLine.WithoutOwner(source.Partition, source.Key));
    }

    private static WriteOutage? OutageOf(IReadOnlyList<SiloReport> silos, DateTime now) => silos
        .Select(silo => (Since: silo.PostgresTroubleSince, Reason: silo.PostgresTrouble))
        .Concat(silos.Select(silo => (Since: silo.KafkaTroubleSince, Reason: silo.KafkaTrouble)))
        .Concat(silos.SelectMany(silo => silo.Partitions).Select(partition => (Since: partition.StalledSince, Reason: partition.Trouble)))
        .Where(trouble => trouble is { Since: not null, Reason: not null } && now - trouble.Since >= ShortestOutage)
        .OrderBy(trouble => trouble.Since)
        .Select(trouble => new WriteOutage(trouble.Since!.Value, trouble.Reason!))
        .FirstOrDefault();
}

/// <summary>Why windows get no readings, or are not written.</summary>
/// <param name="Since">UTC.</param>
/// <param name="Reason">A sentence that names the store, or Kafka, and the error.</param>
internal sealed record WriteOutage(DateTime Since, string Reason);

/// <summary>A partition of the readings topic, or of the topic of a source.</summary>
/// <param name="Owner">The silo that reads the partition; null: none.</param>
/// <param name="State"><see cref="Running"/>, or the fault.</param>
/// <param name="Lag">Messages that are not yet in a window; null: unknown, because no silo reads the partition.</param>
/// <param name="SourceTopic">Null: the readings topic.</param>
/// <param name="CheckpointAge">Seconds since the last checkpoint; null: the owner has taken none yet.</param>
internal sealed record PartitionLine(
    int Partition, string? Owner, string State, long? Lag, long? Checkpointed, double? CheckpointAge, long? OpenWindows,
    string? SourceTopic = null)
{
    public const string Running = "running";

    /// <inheritdoc cref="PartitionReport.Name"/>
    [JsonIgnore]
    public string Name => SourceTopic is null ? $"{Partition}" : $"{SourceTopic}-{Partition}";

    public static PartitionLine Of(string owner, PartitionReport partition, DateTime now) => new(
        partition.Partition,
        owner,
        partition.Trouble ?? (partition.IsReady ? Running : "starting"),
        partition.IsReady ? partition.Lag : null,
        partition.Checkpointed,
        partition.CheckpointedAt is { } at ? Math.Round(Math.Max(0, (now - at).TotalSeconds), 1) : null,
        partition.OpenWindows,
        partition.SourceTopic);

    public static PartitionLine WithoutOwner(int partition, string? sourceTopic) =>
        new(partition, null, "no owner", null, null, null, null, sourceTopic);
}
