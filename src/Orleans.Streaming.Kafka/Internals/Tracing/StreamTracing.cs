using System.Diagnostics;
using System.Text;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Tracing;

/// <summary>
/// Spans by OpenTelemetry's conventions for messaging, from the source <c>Orleans.Streaming.Kafka</c>; the context is in the
/// headers <c>traceparent</c> and <c>tracestate</c>.
/// </summary>
internal static class StreamTracing
{
    private static readonly ActivitySource Source = new("Orleans.Streaming.Kafka");

    /// <returns>The span of the producer, current until it is disposed of; null: nobody listens.</returns>
    public static Activity? StartSend(string topic)
    {
        var activity = Start("send", topic, ActivityKind.Producer, default);
        if (activity is not { Recorded: false } || activity.ParentSpanId != default)
        {
            return activity;
        }

        // Begun here, and not sampled: nobody has to be told of it, by a header of each message.
        activity.Dispose();
        return null;
    }

    /// <returns>The span of the consumer, child of that of the producer; null: nobody listens.</returns>
    public static Activity? StartProcess(string topic, MessageHeader[]? headers)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var parent = Text(headers, MessageHeaders.TraceParent) is { } traceParent
            && ActivityContext.TryParse(traceParent, Text(headers, MessageHeaders.TraceState), isRemote: true, out var context) ? context : default;
        return Start("process", topic, ActivityKind.Consumer, parent);
    }

    /// <returns>What a message of now should carry; null: there is no trace.</returns>
    public static (string Parent, string? State)? Current =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current ? (id, current.TraceStateString) : null;

    private static Activity? Start(string operation, string topic, ActivityKind kind, ActivityContext parent)
    {
        var activity = Source.StartActivity(kind, parent, name: $"{operation} {topic}");
        if (activity is not null)
        {
            activity.SetTag("messaging.system", "kafka");
            activity.SetTag("messaging.operation.name", operation);
            activity.SetTag("messaging.destination.name", topic);
        }

        return activity;
    }

    private static string? Text(MessageHeader[]? headers, string name) =>
        headers is not null && Array.Find(headers, header => header.Name == name) is { Value: { } value } ? Encoding.ASCII.GetString(value) : null;
}
