using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Telemetry;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>
/// Follows single readings from whoever sends them through Kafka into a durable window, by W3C's <c>traceparent</c> in a
/// header of the message. Who sends decides which ones; where nobody listens nothing is looked at.
/// </summary>
/// <remarks>Spans and attributes as in https://opentelemetry.io/docs/specs/semconv/messaging/kafka/.</remarks>
public static class ReadingTraces
{
    /// <summary>Of the spans.</summary>
    public const string SourceName = InstrumentationScope.Name;

    /// <summary>The header, by https://www.w3.org/TR/trace-context/.</summary>
    internal const string TraceParent = "traceparent";

    private static readonly ActivitySource Source = new(SourceName);

    /// <returns>The span of a reading that is being sent, if it is one that is followed; null: it is not.</returns>
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

        // Not the current one of whoever sends: it ends later, when Kafka has acknowledged.
        var current = Activity.Current;
        activity.SetTag("messaging.system", "kafka").SetTag("messaging.operation.type", "send").SetTag("messaging.destination.name", topic).Start();
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

    /// <param name="bytes">The value of the header <see cref="TraceParent"/>; empty: there is none.</param>
    /// <returns>Whose span the reading's is a part of; null: the reading is not followed.</returns>
    internal static ActivityContext? Parent(ReadOnlySpan<byte> bytes) =>
        !bytes.IsEmpty
        && ActivityContext.TryParse(Encoding.ASCII.GetString(bytes), null, isRemote: true, out var context)
        && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? context
            : null;

    /// <summary>The span of a reading from its fetch until it is durable.</summary>
    internal static Activity? Process(FollowedReading reading, string topic, int partition)
    {
        var current = Activity.Current;
        var activity = Source.StartActivity($"process {topic}", ActivityKind.Consumer, reading.Parent, startTime: reading.FetchedAt);
        Activity.Current = current;
        return activity?.SetTag("messaging.system", "kafka").SetTag("messaging.operation.type", "process").SetTag("messaging.destination.name", topic)
            .SetTag("messaging.destination.partition.id", partition).SetTag("messaging.kafka.offset", reading.Offset)
            .AddEvent(new("taken into its window"));
    }

    internal static void Durable(Activity activity) => activity.Stop();
}

/// <summary>A reading that somebody follows.</summary>
/// <param name="Parent">The span of whoever has sent it.</param>
internal readonly record struct FollowedReading(long Offset, ActivityContext Parent, DateTimeOffset FetchedAt);
