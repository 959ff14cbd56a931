namespace Orleans.Streaming.Kafka;

/// <summary>Where the messages of a stream are. The key determines the partition, as for other Kafka clients.</summary>
/// <param name="Topic">The name of a topic that the provider has.</param>
/// <param name="Key">The key of the messages; null for messages without a key.</param>
public readonly record struct KafkaStreamAddress(string Topic, byte[]? Key);
