namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>What the streams of the tests are of.</summary>
[GenerateSerializer, Immutable, Alias("kafka-tests.event")]
public sealed record Event([property: Id(0)] int Number, [property: Id(1)] string Text = "");
