using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Embedded;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>Starts the embedded broker for a pipeline and makes the settings fit it.</summary>
internal static class EmbeddedKafka
{
    public const int Partitions = 4;

    /// <summary>
    /// The broker drops the oldest of a partition after 5 MiB, some 45,000 readings, and producers hold back before
    /// that: a checkpoint has to come in time for both to work side by side.
    /// </summary>
    private const int ReadingsPerCheckpoint = 20_000;

    /// <param name="partitions">The more, the more the broker holds before a producer at full speed is held back.</param>
    public static EmbeddedBroker Start(PipelineSettings settings, int partitions = Partitions)
    {
        var kafka = settings.Kafka;
        var broker = new EmbeddedBroker(kafka.AllTopics, partitions);
        kafka.BootstrapServers = broker.BootstrapServers;
        settings.Ingest.MaxReadingsPerCheckpoint = ReadingsPerCheckpoint;
        return broker;
    }
}
