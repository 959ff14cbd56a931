using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>The topic, the stream, the key and the headers of the message that a format converts.</summary>
public sealed class KafkaMessageContext
{
    private readonly Func<Headers>? _received;
    private Headers? _headers;

    /// <param name="received">Creates the headers of the message; null without any.</param>
    internal KafkaMessageContext(string topic, StreamId stream, byte[]? key, Func<Headers>? received) =>
        (Topic, Stream, Key, _received) = (topic, stream, key, received);

    internal KafkaMessageContext(string topic, StreamId stream, byte[]? key, Headers? headers) =>
        (Topic, Stream, Key, _headers) = (topic, stream, key, headers);

    /// <summary>The topic of the message.</summary>
    public string Topic { get; }

    /// <summary>The stream of the message.</summary>
    public StreamId Stream { get; }

    /// <summary>The key of the message; null without one.</summary>
    public byte[]? Key { get; }

    /// <summary>The headers of the message. A format may add headers to a message that is produced.</summary>
    public Headers Headers => _headers ??= _received?.Invoke() ?? [];

    /// <summary>The headers to produce; null without any.</summary>
    internal Headers? Produced => _headers is { Count: > 0 } ? _headers : null;
}
