using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconciliation.Log;

namespace GrainSensors.Reconcile;

/// <summary>Reads the log for a reconciliation with the Kafka clients of the pipeline.</summary>
internal sealed class PipelineLog(LogReaders readers) : IReadingLog
{
    public string Topic => readers.Options.Topic;

    public Guid TopicId => readers.TopicId;

    public int Partitions => readers.Partitions;

    public string DeadLetterTopic => readers.Options.DeadLetterTopic;

    public int DeadLetterPartitions => readers.DeadLetterPartitions;

    public bool FindsTimes => readers.FindsTimes;

    public ConsumerBuilder<Ignore, T> Reader<T>(string fields) => readers.Reader<T>(fields);
}
