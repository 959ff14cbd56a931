namespace Orleans.Streaming.Kafka.Internals.Messages;

/// <summary>Names of the headers that the provider interprets. All other headers belong to the application.</summary>
internal static class MessageHeaders
{
    /// <summary>Namespace of the stream, in a topic for all namespaces.</summary>
    public const string Namespace = "orleans-namespace";

    /// <summary>Request context of the producer, in the format of Orleans' serializer.</summary>
    public const string RequestContext = "orleans-request-context";

    /// <summary>W3C trace context.</summary>
    public const string TraceParent = "traceparent";

    /// <inheritdoc cref="TraceParent"/>
    public const string TraceState = "tracestate";
}
