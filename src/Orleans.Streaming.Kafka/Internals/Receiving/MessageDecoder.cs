using Confluent.Kafka;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Wraps the messages of a topic in containers, without decoding their values.</summary>
internal sealed class MessageDecoder(TopicMap topics, StreamTopic topic, EventCodec codec, KafkaClients clients)
{
    private readonly bool _skipsTombstones = topic.Format is not { } format || !codec.Format(format).ReadsTombstones;

    private readonly IKafkaMessageFormat? _prepared =
        topic.Format is { } name && codec.Format(name) is { NeedsPreparation: true } format ? format : null;

    /// <summary>Whether messages are prepared before their delivery.</summary>
    public bool NeedsPreparation => _prepared is not null || topics.HasMapper;

    /// <summary>Gets what the format needs to read a message, and checks that the message has a stream.</summary>
    /// <exception cref="KafkaFormatUnavailableException">The format cannot read any message now.</exception>
    /// <exception cref="KafkaStreamException">The mapper of the application has failed.</exception>
    public async ValueTask PrepareAsync(Fetched fetched, CancellationToken cancellationToken)
    {
        if (topics.HasMapper && fetched.Message is { } message)
        {
            StreamOf(message);
        }

        if (_prepared is not null && fetched.Message?.Message.Value is { } value)
        {
            await _prepared.PrepareAsync(value, cancellationToken);
        }
    }

    /// <exception cref="KafkaStreamException">The mapper of the application has failed.</exception>
    public StreamId StreamOf(ConsumeResult<byte[]?, byte[]?> result) =>
        topics.StreamOf(topic, result.Partition, result.Message.Key, result.Message.Headers);

    public IBatchContainer Decode(Fetched fetched) => fetched switch
    {
        { Rewind: null, Message: { } message } => DecodeNew(message),
        { Rewind: { } rewind, Message: { } message } => new RewindMessage(rewind, RewindSignal.None, Decode(message, rewind.Stream)),
        _ => new RewindMessage(fetched.Rewind!, fetched.Signal, null),
    };

    private KafkaBatchContainer DecodeNew(ConsumeResult<byte[]?, byte[]?> message)
    {
        if (_skipsTombstones && message.Message.Value is null)
        {
            clients.Metrics.TombstoneSkipped(topic.Name);
        }

        return Decode(message, StreamOf(message));
    }

    private KafkaBatchContainer Decode(ConsumeResult<byte[]?, byte[]?> result, StreamId stream) => new(
        codec, stream, topic.Name, topic.Format, result.Message.Value, HeadersOf(result.Message.Headers),
        new(result.Offset, 0, topic.Id, result.Partition, isOfDelivery: true))
    {
        Provider = clients.Provider,
        ImportsRequestContext = topic.Options.ImportRequestContext,
        OtherKey = stream.Key.Span.SequenceEqual(result.Message.Key) ? null : result.Message.Key ?? [],
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
