using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>The topic, the stream, the key and the headers of the message that a format converts.</summary>
public readonly struct KafkaMessageContext
{
    private readonly IMessageContext _message;

    internal KafkaMessageContext(IMessageContext message) => _message = message;

    /// <summary>The topic of the message.</summary>
    public string Topic => _message.Topic;

    /// <summary>The stream of the message.</summary>
    public StreamId Stream => _message.StreamId;

    /// <summary>The key of the message; null without one.</summary>
    public byte[]? Key => _message.Key;

    /// <summary>The headers of the message. A format may add headers to a message that is produced.</summary>
    public Headers Headers => _message.ToHeaders();
}
