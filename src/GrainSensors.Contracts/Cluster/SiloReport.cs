namespace GrainSensors.Contracts.Cluster;

/// <summary>How one silo stands.</summary>
/// <param name="Address">Its address and port.</param>
/// <param name="State">As the membership has it, such as <c>Active</c>.</param>
/// <param name="StartedAt">When the process began; UTC.</param>
/// <param name="Trouble">Why it could not be asked; null: what follows is its own answer.</param>
/// <param name="KafkaServers">The bootstrap servers that it was given.</param>
/// <param name="Topic">That of the readings.</param>
/// <param name="TopicPartitions">Of the readings' topic, as the silo knows it; 0: not at all.</param>
/// <param name="Partitions">Those that the silo owns.</param>
/// <param name="PostgresTrouble">Why the silo cannot use PostgreSQL; null: it can.</param>
/// <param name="KafkaTrouble">Why the silo cannot use Kafka; null: it can.</param>
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
    [property: Id(12)] string? KafkaTrouble)
{
    /// <summary>Of a member that could not be asked.</summary>
    public static SiloReport WithoutAnswer(string address, string state, string trouble) =>
        new(address, "", state, "", default, trouble, "", "", 0, [], default, null, null);
}
