namespace Orleans.Streaming.Kafka;

/// <summary>How events of a topic that others write or read become bytes, and back. One event is one message.</summary>
public interface IKafkaMessageFormat
{
    /// <summary>Makes the value of a message of an event.</summary>
    /// <typeparam name="T">The type of the stream.</typeparam>
    byte[] Serialize<T>(T item);

    /// <summary>Makes an event of the value of a message.</summary>
    /// <typeparam name="T">The type of the stream, as the subscriber says; <see cref="object"/> for stream filters.</typeparam>
    T Deserialize<T>(ReadOnlyMemory<byte> value);
}
