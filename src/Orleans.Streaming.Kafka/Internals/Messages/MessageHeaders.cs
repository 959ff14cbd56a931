namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>The headers with a meaning here. All others are the application's.</summary>
internal static class MessageHeaders
{
    /// <summary>The namespace of the stream, in a topic for the streams of all namespaces.</summary>
    public const string Namespace = "orleans-namespace";

    /// <summary>The request context of the producer, by Orleans' serializer.</summary>
    public const string RequestContext = "orleans-request-context";

    /// <summary>W3C trace context.</summary>
    public const string TraceParent = "traceparent";

    /// <inheritdoc cref="TraceParent"/>
    public const string TraceState = "tracestate";
}
