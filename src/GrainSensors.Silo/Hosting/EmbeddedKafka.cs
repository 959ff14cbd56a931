using GrainSensors.Ingest.Embedded;

namespace GrainSensors.Silo.Hosting;

/// <summary>Starts the embedded broker for a pipeline and makes the settings fit it.</summary>
internal static class EmbeddedKafka
{
    public const int Partitions = 4;

    /// <summary>
    /// The broker drops the oldest of a partition after 5 MiB, some 50,000 readings, and producers hold back before
    /// that: a checkpoint has to come in time for both to work side by side.
    /// </summary>
    private const int ReadingsPerCheckpoint = 12_000;

    public static EmbeddedBroker Start(PipelineSettings settings)
    {
        var kafka = settings.Kafka;
        var broker = new EmbeddedBroker([kafka.Topic, kafka.LogTopic, kafka.DeadLetterTopic], Partitions);
        kafka.BootstrapServers = broker.BootstrapServers;
        settings.Ingest.MaxReadingsPerCheckpoint = ReadingsPerCheckpoint;
        return broker;
    }
}
