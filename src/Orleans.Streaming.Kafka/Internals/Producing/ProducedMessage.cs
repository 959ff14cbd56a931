using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Producing;

/// <summary>A message whose value a format creates. The format may add headers.</summary>
/// <param name="common">The headers of all messages of the call; null without any.</param>
internal sealed class ProducedMessage(MessageTarget target, StreamId stream, Headers? common) : IMessageContext
{
    private Headers? _own;

    public string Topic => target.Topic.Name;

    public StreamId StreamId => stream;

    public byte[]? Key => target.Key;

    /// <summary>The headers to produce; null without any.</summary>
    public Headers? Headers => _own is { Count: > 0 } ? _own : common;

    public Headers ToHeaders()
    {
        if (_own is null)
        {
            _own = [];
            foreach (var header in common ?? [])
            {
                _own.Add(header);
            }
        }

        return _own;
    }
}
