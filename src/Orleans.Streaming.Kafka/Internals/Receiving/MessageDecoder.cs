using Confluent.Kafka;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Wraps the messages of a topic in containers, without decoding their values.</summary>
internal sealed class MessageDecoder(StreamTopic topic, EventCodec codec, string provider)
{
    public StreamId StreamOf(ConsumeResult<byte[]?, byte[]?> result)
    {
        var hasNamespace = topic.IsForAll && result.Message.Headers is { Count: > 0 };
        var name = hasNamespace && result.Message.Headers.TryGetLastBytes(MessageHeaders.Namespace, out var bytes) ? bytes : null;
        return topic.StreamOf(result.Message.Key, result.Partition, name);
    }

    public IBatchContainer Decode(Fetched fetched) => fetched switch
    {
        { Rewind: null, Message: { } message } => Decode(message, StreamOf(message)),
        { Rewind: { } rewind, Message: { } message } => new RewindMessage(rewind, RewindSignal.None, Decode(message, rewind.Stream)),
        _ => new RewindMessage(fetched.Rewind!, fetched.Signal, null),
    };

    private KafkaBatchContainer Decode(ConsumeResult<byte[]?, byte[]?> result, StreamId stream) => new(
        codec, stream, topic.Name, topic.Format, result.Message.Value, HeadersOf(result.Message.Headers),
        new(result.Offset, 0, topic.Id, result.Partition, isOfDelivery: true))
    {
        Provider = provider,
        ImportsRequestContext = topic.Options.ImportRequestContext,
    };

    private static MessageHeader[]? HeadersOf(Headers? headers)
    {
        if (headers is not { Count: > 0 })
        {
            return null;
        }

        var result = new MessageHeader[headers.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new(headers[i].Key, headers[i].GetValueBytes() ?? []);
        }

        return result;
    }
}
