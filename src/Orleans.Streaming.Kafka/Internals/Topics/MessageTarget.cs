using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Where the messages of a stream go.</summary>
/// <param name="Key">The key of the messages; null for messages without a key.</param>
/// <param name="Partition">The partition; <see cref="Partition.Any"/> lets the client choose it in a produce-only topic.</param>
internal readonly record struct MessageTarget(StreamTopic Topic, byte[]? Key, Partition Partition);
