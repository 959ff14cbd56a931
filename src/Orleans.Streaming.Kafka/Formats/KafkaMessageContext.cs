using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>The topic, the stream, the key and the headers of the message that a format converts.</summary>
public sealed class KafkaMessageContext
{
    private readonly byte[]? _otherKey;
    private readonly Func<Headers>? _received;
    private Headers? _headers;

    /// <param name="otherKey">See <see cref="KeyOf"/>.</param>
    /// <param name="received">Creates the headers of the message; null without any.</param>
    internal KafkaMessageContext(string topic, StreamId stream, byte[]? otherKey, Func<Headers>? received) =>
        (Topic, Stream, _otherKey, _received) = (topic, stream, otherKey, received);

    /// <param name="key">Null without one.</param>
    internal KafkaMessageContext(string topic, StreamId stream, byte[]? key, Headers? headers) =>
        (Topic, Stream, _otherKey, _headers) = (topic, stream, key ?? [], headers);

    /// <summary>The topic of the message.</summary>
    public string Topic { get; }

    /// <summary>The stream of the message.</summary>
    public StreamId Stream { get; }

    /// <summary>The key of the message; null without one.</summary>
    public byte[]? Key => KeyOf(Stream, _otherKey);

    /// <summary>The headers of the message. A format may add headers to a message that is produced.</summary>
    public Headers Headers => _headers ??= _received?.Invoke() ?? [];

    /// <summary>The headers to produce; null without any.</summary>
    internal Headers? Produced => _headers is { Count: > 0 } ? _headers : null;

    /// <param name="otherKey">The key if it is not that of the stream; empty for a message without a key.</param>
    /// <returns>The key of a message of the stream; null without one.</returns>
    internal static byte[]? KeyOf(StreamId stream, byte[]? otherKey) =>
        otherKey is null ? stream.Key.ToArray() : otherKey.Length > 0 ? otherKey : null;
}
