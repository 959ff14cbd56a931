using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Makes containers of the messages of a topic, without looking into their values.</summary>
internal sealed class MessageDecoder(StreamTopic topic, EventCodec codec)
{
    public StreamId StreamOf(ConsumeResult<byte[]?, byte[]?> result) => topic.StreamOf(
        result.Message.Key,
        result.Partition,
        topic.IsForAll && result.Message.Headers is { Count: > 0 } headers && headers.TryGetLastBytes(MessageHeaders.Namespace, out var name) ? name : null);

    public KafkaBatchContainer Decode(Fetched fetched)
    {
        var message = fetched.Message!;
        return new(
            codec, fetched.Rewind?.Stream ?? StreamOf(message), topic.Name, topic.Format, message.Message.Value, HeadersOf(message.Message.Headers),
            new(message.Offset, 0))
        { Rewind = fetched.Rewind };
    }

    /// <summary>For those who wait for a rewind.</summary>
    public KafkaBatchContainer Tell(Caching.Rewind rewind, Caching.RewindSignal sign) =>
        new(codec, rewind.Stream, topic.Name, null, null, null, new(rewind.To, 0)) { Rewind = rewind, Sign = sign };

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
