using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Sources;

namespace GrainSensors.Reconcile;

/// <summary>Reads the log for a reconciliation with the Kafka clients of the pipeline.</summary>
internal sealed class PipelineLog(LogReaders readers, SourceTopics sources) : IReadingLog
{
    public IReadOnlyList<LogTopic> Topics { get; } =
    [
        .. readers.Topics.Select(topic => new LogTopic(
            topic.Name, topic.TopicId, topic.Partitions, topic.Name == readers.Options.Topic ? null : sources.Find(topic.Name))),
    ];

    public string DeadLetterTopic => readers.Options.DeadLetterTopic;

    public int DeadLetterPartitions => readers.DeadLetterPartitions;

    public bool FindsTimes => readers.FindsTimes;

    public ConsumerBuilder<TKey, T> Reader<TKey, T>(string fields) => readers.Reader<TKey, T>(fields);
}
