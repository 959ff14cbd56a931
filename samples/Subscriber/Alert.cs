using System.Text.Json.Serialization;

namespace Subscriber;

/// <summary>A message of the topic log-data.</summary>
[GenerateSerializer, Immutable, Alias("samples.alert")]
public sealed record Alert(
    [property: Id(1), JsonPropertyName("level")] string Level,
    [property: Id(2), JsonPropertyName("message")] string Message);
