using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>A message that was not delivered.</summary>
/// <param name="Error">The exception of the subscriber or of the format; null if it is unknown.</param>
internal sealed record DeadLetter(
    TopicPartitionOffset Source, StreamId Stream, byte[]? Key, byte[]? Value, MessageHeader[]? Headers, Exception? Error);
