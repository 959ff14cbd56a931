namespace Orleans.Streaming.Kafka;

/// <summary>Where the reading of a partition begins the first time.</summary>
public enum KafkaStartPosition
{
    /// <summary>With what is written from then on.</summary>
    Latest,

    /// <summary>With the oldest message that Kafka has.</summary>
    Earliest,
}
