using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Tracing;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>One message, on its way to subscribers. Its events are decoded where they are consumed.</summary>
[GenerateSerializer, Immutable, Alias("kafka-streams.message"), SerializationCallbacks(typeof(OnDeserializedCallbacks))]
internal sealed class KafkaBatchContainer : IBatchContainer, IOnDeserialized
{
    [NonSerialized]
    private EventCodec? _codec;

    public KafkaBatchContainer(
        EventCodec codec, StreamId streamId, string topic, string? format, byte[]? value, MessageHeader[]? headers, KafkaSequenceToken token)
    {
        _codec = codec;
        StreamId = streamId;
        Topic = topic;
        Format = format;
        Value = value;
        Headers = headers;
        Token = token;
    }

    [Id(0)]
    public StreamId StreamId { get; }

    [Id(1)]
    public string Topic { get; }

    /// <summary>Null: Orleans' serializer.</summary>
    [Id(2)]
    public string? Format { get; }

    /// <summary>Null: a tombstone, which has no events.</summary>
    [Id(3)]
    public byte[]? Value { get; }

    [Id(4)]
    public MessageHeader[]? Headers { get; }

    /// <summary>
    /// Of the first event to deliver; of a message without its first events that of the last one: the pulling agent takes what is
    /// not later than the event that a subscriber has had for delivered as a whole.
    /// </summary>
    [Id(5)]
    public KafkaSequenceToken Token { get; }

    /// <summary>The first event to deliver.</summary>
    [Id(6)]
    public int FirstEvent { get; private init; }

    public StreamSequenceToken SequenceToken => Token;

    public long Offset => Token.SequenceNumber;

    /// <summary>What it was read again for; null: it was read as it came.</summary>
    [field: NonSerialized]
    internal Rewind? Rewind { get; init; }

    /// <summary>What it is if it is no message.</summary>
    [field: NonSerialized]
    internal RewindSignal Sign { get; init; }

    /// <summary>It has no headers that a subscriber should find.</summary>
    internal bool IsPlain => Headers is null || Array.TrueForAll(Headers, static header => header.Name == MessageHeaders.Namespace);

    /// <returns>The message without its first events; the whole one if it has but one, or cannot be read.</returns>
    public KafkaBatchContainer From(int eventIndex)
    {
        var count = Format is null && Value is not null ? CountEvents() : 0;
        return count <= 1
            ? this
            : new(_codec!, StreamId, Topic, Format, Value, Headers, new(Offset, Math.Max(eventIndex, count - 1))) { Rewind = Rewind, FirstEvent = eventIndex };
    }

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        if (Value is null)
        {
            yield break;
        }

        // The span lasts while the subscriber works on the event: between two steps of this iterator.
        if (Format is { } format)
        {
            using var activity = StreamTracing.StartProcess(Topic, Headers);
            yield return Tuple.Create<T, StreamSequenceToken>(_codec!.Format(format).Deserialize<T>(Value), Token);
            yield break;
        }

        var events = _codec!.Decode(Value);
        for (var i = FirstEvent; i < events.Length; i++)
        {
            if (events[i] is T item)
            {
                using var activity = StreamTracing.StartProcess(Topic, Headers);
                yield return Tuple.Create<T, StreamSequenceToken>(item, i == Token.EventIndex ? Token : new(Offset, i));
            }
        }
    }

    private int CountEvents()
    {
        try
        {
            return _codec!.Decode(Value!).Length;
        }
        catch (Exception)
        {
            // Whoever is given it is told what is wrong with it.
            return 0;
        }
    }

    public bool ImportRequestContext()
    {
        if (Headers is null)
        {
            return false;
        }

        var imported = false;
        foreach (var header in Headers)
        {
            if (header.Name == MessageHeaders.RequestContext)
            {
                RequestContextExtensions.Import(_codec!.DecodeContext(header.Value));
                imported = true;
            }
        }

        foreach (var header in Headers)
        {
            if (header.Name is not (MessageHeaders.RequestContext or MessageHeaders.Namespace))
            {
                RequestContext.Set(KafkaHeaders.Prefix + header.Name, header.Value);
                imported = true;
            }
        }

        return imported;
    }

    void IOnDeserialized.OnDeserialized(DeserializationContext context) => _codec = context.ServiceProvider.GetRequiredService<EventCodec>();

    public override string ToString() => $"{Topic} at {Token} for {StreamId}";
}
