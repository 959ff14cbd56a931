namespace Orleans.Streaming.Kafka;

/// <summary>Converts events to message values and back, for a topic shared with other applications. An event is a message.</summary>
public interface IKafkaMessageFormat
{
    /// <summary>Converts an event to the value of a message.</summary>
    /// <typeparam name="T">The type of the stream.</typeparam>
    /// <param name="item">The event.</param>
    /// <returns>The value of the message.</returns>
    byte[] Serialize<T>(T item);

    /// <summary>Converts the value of a message to an event.</summary>
    /// <typeparam name="T">The type of the subscriber's stream; <see cref="object"/> for a stream filter.</typeparam>
    /// <param name="value">The value of the message.</param>
    /// <returns>The event.</returns>
    T Deserialize<T>(ReadOnlyMemory<byte> value);
}
