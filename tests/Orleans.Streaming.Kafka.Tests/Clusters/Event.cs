namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>The type of the streams in the tests.</summary>
[GenerateSerializer, Immutable, Alias("kafka-tests.event")]
public sealed record Event([property: Id(0)] int Number, [property: Id(1)] string Text = "");
