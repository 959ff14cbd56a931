using System.Globalization;

namespace GrainSensors.Ingest.Kafka;

/// <summary>A partition in logs: its number, and the topic if it is another one than that of readings.</summary>
/// <param name="Topic">Null: the topic of readings.</param>
internal readonly record struct PartitionName(string? Topic, int Number) : IComparable<PartitionName>
{
    public int CompareTo(PartitionName other) =>
        string.CompareOrdinal(Topic, other.Topic) is not 0 and var order ? order : Number.CompareTo(other.Number);

    /// <returns>The number, or <c>TOPIC-NUMBER</c> as Kafka writes it.</returns>
    public override string ToString() =>
        Topic is null ? Number.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Topic}-{Number}");
}
