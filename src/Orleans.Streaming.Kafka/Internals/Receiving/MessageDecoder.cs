using Confluent.Kafka;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Wraps the messages of a topic in containers, without decoding their values.</summary>
internal sealed class MessageDecoder(StreamTopic topic, EventCodec codec, KafkaClients clients)
{
    private readonly bool _skipsTombstones = topic.Format is not { } format || !codec.Format(format).ReadsTombstones;

    private readonly IKafkaMessageFormat? _prepared =
        topic.Format is { } name && codec.Format(name) is { NeedsPreparation: true } format ? format : null;

    /// <summary>Whether messages are prepared before their delivery.</summary>
    public bool NeedsPreparation => _prepared is not null;

    /// <inheritdoc cref="IKafkaMessageFormat.PrepareAsync"/>
    public ValueTask PrepareAsync(Fetched fetched, CancellationToken cancellationToken) =>
        fetched.Message?.Message.Value is { } value ? _prepared!.PrepareAsync(value, cancellationToken) : ValueTask.CompletedTask;

    public StreamId StreamOf(ConsumeResult<byte[]?, byte[]?> result)
    {
        var hasNamespace = topic.IsForAll && result.Message.Headers is { Count: > 0 };
        var name = hasNamespace && result.Message.Headers.TryGetLastBytes(MessageHeaders.Namespace, out var bytes) ? bytes : null;
        return topic.StreamOf(result.Message.Key, result.Partition, name);
    }

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
