using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka;

/// <summary>The topic, the stream and the headers of the message that a format converts.</summary>
public sealed class KafkaMessageContext
{
    private readonly MessageHeader[]? _received;
    private Headers? _headers;

    internal KafkaMessageContext(string topic, StreamId stream, MessageHeader[]? received) =>
        (Topic, Stream, _received) = (topic, stream, received);

    internal KafkaMessageContext(string topic, StreamId stream, Headers? headers) => (Topic, Stream, _headers) = (topic, stream, headers);

    /// <summary>The topic of the message.</summary>
    public string Topic { get; }

    /// <summary>The stream of the message. Its key is the key of the message.</summary>
    public StreamId Stream { get; }

    /// <summary>The headers of the message. A format may add headers to a message that is produced.</summary>
    public Headers Headers
    {
        get
        {
            if (_headers is null)
            {
                _headers = [];
                foreach (var header in _received ?? [])
                {
                    _headers.Add(header.Name, header.Value);
                }
            }

            return _headers;
        }
    }

    /// <summary>The headers to produce; null without any.</summary>
    internal Headers? Produced => _headers is { Count: > 0 } ? _headers : null;
}
