using System.Diagnostics;
using System.Globalization;

namespace Orleans.Streaming.Kafka.Internals.Tracing;

/// <summary>
/// Spans by OpenTelemetry's conventions for messaging, from the source <c>Orleans.Streaming.Kafka</c>. The headers
/// <c>traceparent</c> and <c>tracestate</c> carry the context.
/// </summary>
internal static class StreamTracing
{
    /// <summary>The type of an error that the span cannot name.</summary>
    private const string OtherError = "_OTHER";

    private static readonly ActivitySource Source = new("Orleans.Streaming.Kafka");

    public static bool HasListeners => Source.HasListeners();

    /// <summary>The trace context for the headers of a message; null without a trace.</summary>
    public static (string Parent, string? State)? Current =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current ? (id, current.TraceStateString) : null;

    /// <returns>The span of the producer, current until its disposal; null without listeners.</returns>
    public static Activity? StartSend(string topic, string servers)
    {
        var activity = Start("send", topic, servers, ActivityKind.Producer, default);
        if (activity is not { Recorded: false } || activity.ParentSpanId != default)
        {
            return activity;
        }

        // An unsampled root span needs no header in each message.
        activity.Dispose();
        return null;
    }

    /// <summary>Adds the number of messages of a call that sends several.</summary>
    public static void SetMessages(this Activity? activity, int messages)
    {
        if (messages > 1)
        {
            activity?.SetTag("messaging.batch.message_count", messages);
        }
    }

    /// <returns>The span of the consumer, a child of the producer's; null without listeners.</returns>
    public static Activity? StartProcess(ReceivedMessage message)
    {
        var parent = ActivityContext.TryParse(message.TraceParent, message.TraceState, isRemote: true, out var context) ? context : default;
        var activity = Start("process", message.Topic, message.Servers, ActivityKind.Consumer, parent);
        if (activity is not null)
        {
            activity.SetTag("messaging.consumer.group.name", message.Group);
            activity.SetTag("messaging.destination.partition.id", message.Partition?.ToString(CultureInfo.InvariantCulture));
            activity.SetTag("messaging.kafka.offset", message.Offset);
            activity.SetTag("messaging.kafka.message.key", message.Key);
            activity.SetTag("messaging.kafka.message.tombstone", message.IsTombstone ? true : null);
        }

        return activity;
    }

    /// <summary>Marks a span as failed.</summary>
    /// <param name="error">The exception; null if it is unknown.</param>
    public static void Fail(this Activity? activity, Exception? error)
    {
        activity?.SetStatus(ActivityStatusCode.Error, error?.Message);
        activity?.SetTag("error.type", error?.GetType().FullName ?? OtherError);
    }

    private static Activity? Start(string operation, string topic, string? servers, ActivityKind kind, ActivityContext parent)
    {
        var activity = Source.StartActivity(kind, parent, name: $"{operation} {topic}");
        if (activity is not null)
        {
            activity.SetTag("messaging.system", "kafka");
            activity.SetTag("messaging.operation.name", operation);
            activity.SetTag("messaging.operation.type", operation);
            activity.SetTag("messaging.destination.name", topic);
            activity.SetTag("server.address", servers);
        }

        return activity;
    }
}

/// <summary>A message that a subscriber processes.</summary>
/// <param name="Servers">The bootstrap servers; null in a process without the provider.</param>
/// <param name="Group">The consumer group; null in a process without the provider.</param>
internal readonly record struct ReceivedMessage(
    string Topic, int? Partition, long Offset, string? Key, bool IsTombstone, string? TraceParent, string? TraceState, string? Servers,
    string? Group);
