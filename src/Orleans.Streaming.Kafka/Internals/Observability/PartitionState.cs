namespace Orleans.Streaming.Kafka.Internals.Observability;

/// <summary>A partition that the silo reads, for metrics.</summary>
/// <param name="Lag">Number of undelivered messages; null if it is unknown.</param>
internal readonly record struct PartitionState(string Topic, int Partition, long? Lag, long CachedBytes, int Streams, bool IsStopped);
