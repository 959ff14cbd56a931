using System.Text.Json.Serialization;

namespace Subscriber;

/// <summary>A message of the topic sensor-windows, with the members that this sample uses.</summary>
[GenerateSerializer, Immutable, Alias("samples.closed-window")]
public sealed record ClosedWindow(
    [property: Id(0), JsonPropertyName("event_id")] string EventId,
    [property: Id(2), JsonPropertyName("metric")] string Metric,
    [property: Id(3), JsonPropertyName("window_start")] DateTime Start,
    [property: Id(4), JsonPropertyName("window_end")] DateTime End,
    [property: Id(5), JsonPropertyName("count")] long Count,
    [property: Id(6), JsonPropertyName("mean")] double Mean);
