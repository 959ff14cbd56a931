using System.Text;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Topics;
using Orleans.Streaming.Kafka.Internals.Tracing;

namespace Orleans.Streaming.Kafka.Internals.Producing;

/// <summary>Converts the events of a call to messages and sends all of them before it waits.</summary>
internal sealed class EventWriter(TopicMap topics, EventCodec codec, StreamProducer producer, int maxMessageBytes, string servers)
{
    public async Task WriteAsync<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext)
    {
        var target = topics.TargetOf(stream);
        var (topic, key, _) = target;
        var partition = new TopicPartition(topic.Name, target.Partition);
        using var activity = StreamTracing.StartSend(topic.Name, servers);
        var headers = HeadersOf(topic, stream, requestContext);
        topics.CheckMapping(stream, target, headers);
        var messages = topic.Format is { } format
            ? await FormatAsync(target, codec.Format(format), stream, events, headers)
            : Encode([.. events.Cast<object>()]).Select(value => ((byte[]?)value, headers));
        var sent = new List<Task>(1);
        foreach (var (value, own) in messages)
        {
            sent.Add(producer.SendAsync(partition, new() { Key = key, Value = value, Headers = own }));
        }

        activity.SetMessages(sent.Count);
        try
        {
            await (sent.Count == 1 ? sent[0] : Task.WhenAll(sent));
        }
        catch (KafkaStreamException e)
        {
            activity.Fail(e.InnerException ?? e);
            throw;
        }
    }

    /// <summary>An event that cannot be serialized fails the call before any message is sent.</summary>
    private static async ValueTask<IEnumerable<(byte[]? Value, Headers? Headers)>> FormatAsync<T>(
        MessageTarget target, IKafkaMessageFormat format, StreamId stream, IEnumerable<T> events, Headers? headers)
    {
        var messages = new List<(byte[]?, Headers?)>(1);
        foreach (var item in events)
        {
            var context = new KafkaMessageContext(target.Topic.Name, stream, target.Key, Copy(headers));
            messages.Add((await format.SerializeAsync(item, context, CancellationToken.None), context.Produced));
        }

        return messages;
    }

    private static Headers? Copy(Headers? headers)
    {
        if (headers is null)
        {
            return null;
        }

        var copy = new Headers();
        foreach (var header in headers)
        {
            copy.Add(header);
        }

        return copy;
    }

    /// <summary>Encodes the events into one message, or into several if they exceed the maximum size.</summary>
    private IEnumerable<byte[]> Encode(object[] events)
    {
        var value = codec.Encode(events);
        return value.Length <= maxMessageBytes || events.Length == 1
            ? [value]
            : Encode(events[..(events.Length / 2)]).Concat(Encode(events[(events.Length / 2)..]));
    }

    private Headers? HeadersOf(StreamTopic topic, StreamId stream, Dictionary<string, object>? requestContext)
    {
        var hasNamespace = topic.IsForAll && !stream.Namespace.IsEmpty;
        var trace = StreamTracing.Current;
        if (!hasNamespace && trace is null && requestContext is not { Count: > 0 })
        {
            return null;
        }

        var headers = new Headers();
        if (hasNamespace)
        {
            headers.Add(MessageHeaders.Namespace, stream.Namespace.ToArray());
        }

        if (trace is var (parent, state))
        {
            headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(parent));
            if (state is not null)
            {
                headers.Add(MessageHeaders.TraceState, Encoding.ASCII.GetBytes(state));
            }
        }

        if (requestContext is { Count: > 0 })
        {
            AddContext(headers, requestContext);
        }

        return headers.Count > 0 ? headers : null;
    }

    /// <summary>Adds the headers of the application, and the rest of the request context as one header.</summary>
    private void AddContext(Headers headers, Dictionary<string, object> requestContext)
    {
        Dictionary<string, object>? rest = null;
        foreach (var (name, value) in requestContext)
        {
            if (name.StartsWith(KafkaHeaders.ReceivedPrefix, StringComparison.Ordinal))
            {
                // The headers of the current message do not belong to the messages that it causes.
                continue;
            }

            if (!name.StartsWith(KafkaHeaders.Prefix, StringComparison.Ordinal) || value is not byte[] bytes)
            {
                (rest ??= [])[name] = value;
            }
            else if (name[KafkaHeaders.Prefix.Length..] is not (MessageHeaders.TraceParent or MessageHeaders.TraceState) and var header)
            {
                // The span of the producer sets the trace headers.
                headers.Add(header, bytes);
            }
        }

        if (rest is not null)
        {
            headers.Add(MessageHeaders.RequestContext, codec.EncodeContext(rest));
        }
    }
}
