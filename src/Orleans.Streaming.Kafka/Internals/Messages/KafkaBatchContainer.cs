using Confluent.Kafka;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Tracing;

namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>A message on its way to subscribers. The subscribers' silos decode its events.</summary>
[GenerateSerializer, Immutable, Alias("kafka-streams.message"), SerializationCallbacks(typeof(OnDeserializedCallbacks))]
internal sealed class KafkaBatchContainer : IBatchContainer, IOnDeserialized
{
    [NonSerialized]
    private EventCodec? _codec;

    public KafkaBatchContainer(
        EventCodec codec, StreamId streamId, string topic, string? format, byte[]? value, MessageHeader[]? headers,
        KafkaSequenceToken token)
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

    /// <summary>Format of the value; null means Orleans' serializer.</summary>
    [Id(2)]
    public string? Format { get; }

    /// <summary>Value of the message; null is a tombstone, which has no events.</summary>
    [Id(3)]
    public byte[]? Value { get; }

    [Id(4)]
    public MessageHeader[]? Headers { get; }

    /// <summary>
    /// Token of the delivery, at the first event. A message without its first events has the token of its last event: the pulling agent
    /// considers a message delivered if its token is not later than the subscriber's last event.
    /// </summary>
    [Id(5)]
    public KafkaSequenceToken Token { get; }

    /// <summary>Index of the first event to deliver.</summary>
    [Id(6)]
    public int FirstEvent { get; private init; }

    /// <summary>Name of the stream provider; null in messages of older versions.</summary>
    [Id(7)]
    public string? Provider { get; init; }

    /// <summary>Whether subscribers get the request context that a header carries, in a topic with a format.</summary>
    [Id(8)]
    public bool ImportsRequestContext { get; init; }

    /// <summary>Key of the message if it is not that of the stream; empty for a message without a key.</summary>
    [Id(9)]
    public byte[]? OtherKey { get; init; }

    /// <summary>Key of the message; null without one.</summary>
    private byte[]? Key => KafkaMessageContext.KeyOf(StreamId, OtherKey);

    public StreamSequenceToken SequenceToken => Token;

    public long Offset => Token.SequenceNumber;

    /// <summary>Whether the message has no headers for a subscriber.</summary>
    internal bool IsPlain => Headers is null || Array.TrueForAll(Headers, static header => header.Name == MessageHeaders.Namespace);

    /// <returns>The message without its first events; the whole message if it has one event or cannot be decoded.</returns>
    public KafkaBatchContainer From(int eventIndex)
    {
        var count = Format is null && Value is not null ? CountEvents() : 0;
        return count <= 1
            ? this
            : new(_codec!, StreamId, Topic, Format, Value, Headers, Token.OfDelivery(Math.Max(eventIndex, count - 1)))
            {
                FirstEvent = eventIndex,
                Provider = Provider,
                ImportsRequestContext = ImportsRequestContext,
                OtherKey = OtherKey,
            };
    }

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        // The span lasts while the subscriber processes the event, which is between two steps of this iterator.
        if (Format is { } name)
        {
            var format = _codec!.Format(name);
            if ((Value is not null || format.ReadsTombstones) && TryRead<T>(format, out var single))
            {
                using var processing = StartProcess();
                yield return Tuple.Create<T, StreamSequenceToken>(single!, Token.OfEvent(0));
                processing?.Succeeded();
            }

            yield break;
        }

        if (Value is null || !TryDecode(Value, out var events))
        {
            yield break;
        }

        for (var i = FirstEvent; i < events!.Length; i++)
        {
            if (events[i] is T item)
            {
                using var processing = StartProcess();
                yield return Tuple.Create<T, StreamSequenceToken>(item, Token.OfEvent(i));
                processing?.Succeeded();
            }
        }
    }

    /// <returns>False for a message that cannot be read and is a dead letter now. It has no events.</returns>
    private bool TryRead<T>(IKafkaMessageFormat format, out T? result)
    {
        result = default;
        try
        {
            if (Value is not null)
            {
                result = format.Deserialize<T>(
                    Value, new KafkaMessageContext(Topic, StreamId, OtherKey, Headers is null ? null : ToHeaders));
            }

            return true;
        }
        catch (KafkaFormatUnavailableException e) when (Provider is not null && Token.Partition is not null)
        {
            var unavailable = new FormatUnavailableException(Provider, Topic, Token.Partition.Value, e);
            unavailable.Report(_codec!);
            throw unavailable;
        }
        catch (Exception e) when (TryReject(e))
        {
            return false;
        }
    }

    private Headers ToHeaders()
    {
        var headers = new Headers();
        foreach (var header in Headers!)
        {
            headers.Add(header.Name, header.Value);
        }

        return headers;
    }

    /// <returns>False for a message that cannot be read and is a dead letter now. It has no events.</returns>
    private bool TryDecode(byte[] value, out object[]? events)
    {
        events = null;
        try
        {
            events = _codec!.Decode(value);
            return true;
        }
        catch (Exception e) when (TryReject(e))
        {
            return false;
        }
    }

    /// <summary>
    /// Makes a dead letter of a message that cannot be read. A format that does not support the type of the stream is an error of the
    /// subscriber, not of the message.
    /// </summary>
    private bool TryReject(Exception error) =>
        error is not (NotSupportedException or KafkaFormatUnavailableException) && Token.Partition is { } partition
        && _codec!.Origin(Provider) is { } origin && origin.TryReject(ToDeadLetter(partition, error));

    /// <param name="partition">The partition of the message.</param>
    /// <param name="error">The exception of the subscriber or of the format; null if it is unknown.</param>
    public DeadLetter ToDeadLetter(int partition, Exception? error) =>
        new(new(Topic, new Partition(partition), Offset), StreamId, Key, Value, Headers, error);

    private Processing? StartProcess()
    {
        if (!StreamTracing.HasListeners)
        {
            return null;
        }

        var origin = _codec!.Origin(Provider);
        var activity = StreamTracing.StartProcess(new(
            Topic, Token.Partition, Offset, Key is { } key ? Encoding.UTF8.GetString(key) : null, Value is null,
            TextOf(MessageHeaders.TraceParent), TextOf(MessageHeaders.TraceState), origin?.Servers, origin?.Group));
        return activity is null ? null : new(activity);
    }

    private string? TextOf(string header) =>
        Headers is not null && Array.Find(Headers, candidate => candidate.Name == header) is { Value: { } value }
            ? Encoding.ASCII.GetString(value)
            : null;

    private int CountEvents()
    {
        try
        {
            return _codec!.Decode(Value!).Length;
        }
        catch (Exception)
        {
            // The delivery of the whole message reports the error.
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
            // Another application may have written this header to a topic that has a format.
            if (header.Name == MessageHeaders.RequestContext && (Format is null || ImportsRequestContext))
            {
                RequestContextExtensions.Import(_codec!.DecodeContext(header.Value));
                imported = true;
            }
        }

        foreach (var header in Headers)
        {
            if (header.Name is not (MessageHeaders.RequestContext or MessageHeaders.Namespace))
            {
                RequestContext.Set(KafkaHeaders.ReceivedPrefix + header.Name, header.Value);
                imported = true;
            }
        }

        return imported;
    }

    void IOnDeserialized.OnDeserialized(DeserializationContext context) =>
        _codec = context.ServiceProvider.GetRequiredService<EventCodec>();

    public override string ToString() => $"{Topic} at {Token} for {StreamId}";

    /// <summary>The span of a subscriber. A subscriber that throws does not ask for the next event.</summary>
    private sealed class Processing(Activity activity) : IDisposable
    {
        private bool _hasSucceeded;

        public void Succeeded() => _hasSucceeded = true;

        public void Dispose()
        {
            if (!_hasSucceeded)
            {
                activity.Fail(null);
            }

            activity.Dispose();
        }
    }
}
