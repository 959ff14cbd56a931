using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// Maps streams to topics and message keys, and messages to streams, where the options of the topics do not suffice. Silos and clients of
/// a provider need the same mapper.
/// </summary>
/// <remarks>
/// The two methods must agree: a message that is produced for a stream of a topic that silos read must map to the same stream. The
/// provider checks this before it produces. The methods run for each message and on several threads.
/// </remarks>
public interface IKafkaStreamMapper
{
    /// <summary>Finds the topic and the key for the messages of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <returns>The address; null leaves the stream to the options of the topics.</returns>
    KafkaStreamAddress? AddressOf(StreamId stream);

    /// <summary>Finds the stream of a message.</summary>
    /// <param name="address">The topic and the key of the message.</param>
    /// <param name="headers">The headers of the message.</param>
    /// <returns>The stream; null leaves the message to the options of its topic.</returns>
    StreamId? StreamOf(KafkaStreamAddress address, Headers headers);
}
