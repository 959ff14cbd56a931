using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Embedded;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>Starts the embedded broker for a pipeline and adapts the settings to it.</summary>
internal static class EmbeddedKafka
{
    public const int Partitions = 4;

    /// <summary>
    /// The broker drops the oldest readings of a partition after 5 MiB, about 45,000 readings, and producers pause before that. A
    /// checkpoint must come in time for the two to work side by side.
    /// </summary>
    private const int ReadingsPerCheckpoint = 20_000;

    /// <param name="partitions">With more partitions, the broker holds more before it pauses a producer at full speed.</param>
    public static EmbeddedBroker Start(PipelineSettings settings, int partitions = Partitions) => new(settings.AllTopics, partitions);

    /// <returns>The settings of a pipeline that uses the broker.</returns>
    public static PipelineSettings Connect(PipelineSettings settings, EmbeddedBroker broker) => settings with
    {
        Kafka = settings.Kafka.On(broker.BootstrapServers),
        Ingest = settings.Ingest with { MaxReadingsPerCheckpoint = ReadingsPerCheckpoint },
    };
}
