namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>A header of a message. It travels with the message to subscribers.</summary>
[GenerateSerializer, Immutable, Alias("kafka-streams.header")]
internal readonly record struct MessageHeader([property: Id(0)] string Name, [property: Id(1)] byte[] Value);
