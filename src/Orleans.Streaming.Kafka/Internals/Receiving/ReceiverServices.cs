using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>The services that all receivers of a silo share.</summary>
/// <param name="Reader">Opens the shared reader.</param>
/// <param name="Checkpoints">Checkpoints that the application keeps; null means the offsets of the consumer group.</param>
/// <param name="StreamInactivity">Time without messages after which a pulling agent drops a stream.</param>
internal sealed record ReceiverServices(
    KafkaClients Clients, TopicMap Topics, Func<PartitionReader> Reader, DeadLetterWriter DeadLetters, TimeSpan StreamInactivity,
    PartitionCheckpoints? Checkpoints, TimeProvider Clock, ILogger Logger);
