namespace GrainSensors.Contracts.Cluster;

/// <summary>The status of one silo.</summary>
/// <param name="Address">The address and port of the silo.</param>
/// <param name="State">The status in the membership table, such as <c>Active</c>.</param>
/// <param name="StartedAt">The start of the process, UTC.</param>
/// <param name="Trouble">Why the silo did not answer; null if it did.</param>
/// <param name="KafkaServers">The configured bootstrap servers.</param>
/// <param name="Topic">The topic of the readings.</param>
/// <param name="TopicPartitions">The number of partitions of the topic; 0 if it is unknown.</param>
/// <param name="Partitions">The partitions that the silo owns.</param>
/// <param name="PostgresTrouble">Why PostgreSQL is unavailable; null if it is available.</param>
/// <param name="KafkaTrouble">Why Kafka is unavailable; null if it is available.</param>
/// <param name="PostgresTroubleSince">Since when PostgreSQL is unavailable, UTC; null if it is available.</param>
/// <param name="KafkaTroubleSince">Since when Kafka is unavailable, UTC; null if it is available.</param>
/// <param name="FeatureLevel">The feature level of the silo.</param>
/// <param name="ClusterFeatureLevel">The lowest feature level of all members, as the silo knows it.</param>
/// <param name="SourceTopics">The number of partitions of each topic of a source; null: the silo has a version that does not say.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.SiloReport")]
public sealed record SiloReport(
    [property: Id(0)] string Address,
    [property: Id(1)] string Name,
    [property: Id(2)] string State,
    [property: Id(3)] string Version,
    [property: Id(4)] DateTime StartedAt,
    [property: Id(5)] string? Trouble,
    [property: Id(6)] string KafkaServers,
    [property: Id(7)] string Topic,
    [property: Id(8)] int TopicPartitions,
    [property: Id(9)] PartitionReport[] Partitions,
    [property: Id(10)] IngestReport Ingest,
    [property: Id(11)] string? PostgresTrouble,
    [property: Id(12)] string? KafkaTrouble,
    [property: Id(13)] DateTime? PostgresTroubleSince = null,
    [property: Id(14)] DateTime? KafkaTroubleSince = null,
    [property: Id(15)] int FeatureLevel = 0,
    [property: Id(16)] int ClusterFeatureLevel = 0,
    [property: Id(17)] Dictionary<string, int>? SourceTopics = null)
{
    /// <summary>Creates the report of a member that did not answer.</summary>
    public static SiloReport WithoutAnswer(string address, string state, string trouble) =>
        new(address, "", state, "", default, trouble, "", "", 0, [], default, null, null);
}
