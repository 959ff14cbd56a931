using System.Diagnostics;

namespace Orleans.Streaming.Kafka.Internals.Tracing;

/// <summary>
/// Spans by OpenTelemetry's conventions for messaging, from the source <c>Orleans.Streaming.Kafka</c>. The headers
/// <c>traceparent</c> and <c>tracestate</c> carry the context.
/// </summary>
internal static class StreamTracing
{
    private static readonly ActivitySource Source = new("Orleans.Streaming.Kafka");

    public static bool HasListeners => Source.HasListeners();

    /// <summary>The trace context for the headers of a message; null without a trace.</summary>
    public static (string Parent, string? State)? Current =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current ? (id, current.TraceStateString) : null;

    /// <returns>The span of the producer, current until its disposal; null without listeners.</returns>
    public static Activity? StartSend(string topic)
    {
        var activity = Start("send", topic, ActivityKind.Producer, default);
        if (activity is not { Recorded: false } || activity.ParentSpanId != default)
        {
            return activity;
        }

        // An unsampled root span needs no header in each message.
        activity.Dispose();
        return null;
    }

    /// <param name="traceParent">The header <c>traceparent</c> of the message.</param>
    /// <param name="traceState">The header <c>tracestate</c> of the message.</param>
    /// <returns>The span of the consumer, a child of the producer's; null without listeners.</returns>
    public static Activity? StartProcess(string topic, string? traceParent, string? traceState)
    {
        var parent = ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var context) ? context : default;
        return Start("process", topic, ActivityKind.Consumer, parent);
    }

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
}
