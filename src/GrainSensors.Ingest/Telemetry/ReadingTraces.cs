using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Telemetry;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>
/// Traces single readings from their sender through Kafka to a durable window, by the header <c>traceparent</c> of W3C. The
/// sender decides which readings are traced. Without a listener no header is read.
/// </summary>
/// <remarks>Spans and attributes follow https://opentelemetry.io/docs/specs/semconv/messaging/kafka/.</remarks>
public static class ReadingTraces
{
    /// <summary>The name of the activity source of the spans.</summary>
    public const string SourceName = InstrumentationScope.Name;

    /// <summary>The name of the header; see https://www.w3.org/TR/trace-context/.</summary>
    internal const string TraceParent = "traceparent";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts the span of a reading that is being sent.</summary>
    /// <returns>Null if the reading is not traced.</returns>
    internal static Activity? Send(string topic)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.CreateActivity($"send {topic}", ActivityKind.Producer);
        if (activity is not { Recorded: true })
        {
            return null;
        }

        // The span does not stay the current one of the sender: it ends later, when Kafka has acknowledged the reading.
        var current = Activity.Current;
        activity.SetTag("messaging.system", "kafka").SetTag("messaging.operation.type", "send");
        activity.SetTag("messaging.destination.name", topic).Start();
        Activity.Current = current;
        return activity;
    }

    internal static Headers Headers(Activity activity) => new() { { TraceParent, Encoding.ASCII.GetBytes(activity.Id!) } };

    internal static void Sent(Activity activity, int partition, long offset)
    {
        activity.SetTag("messaging.destination.partition.id", partition).SetTag("messaging.kafka.offset", offset);
        activity.Stop();
    }

    internal static void NotSent(Activity activity, string reason)
    {
        activity.SetStatus(ActivityStatusCode.Error, reason);
        activity.Stop();
    }

    /// <param name="bytes">The value of the header <see cref="TraceParent"/>. Empty without the header.</param>
    /// <returns>The span of the sender. Null if the reading is not traced.</returns>
    internal static ActivityContext? Parent(ReadOnlySpan<byte> bytes) =>
        !bytes.IsEmpty
        && ActivityContext.TryParse(Encoding.ASCII.GetString(bytes), null, isRemote: true, out var context)
        && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? context
            : null;

    /// <summary>Starts the span of a reading, from its fetch until it is durable.</summary>
    internal static Activity? Process(FollowedReading reading, string topic, int partition)
    {
        var current = Activity.Current;
        var activity = Source.StartActivity($"process {topic}", ActivityKind.Consumer, reading.Parent, startTime: reading.FetchedAt);
        Activity.Current = current;
        return activity?.SetTag("messaging.system", "kafka").SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.destination.partition.id", partition).SetTag("messaging.kafka.offset", reading.Offset)
            .AddEvent(new("taken into its window"));
    }

    internal static void Durable(Activity activity) => activity.Stop();
}
