using Confluent.Kafka;

namespace GrainSensors.Reconciliation;

/// <summary>The topic of the readings and that of the dead letters, as whoever knows how to reach Kafka opens them.</summary>
public interface IReadingLog
{
    string Topic { get; }

    /// <summary>See <see cref="Core.Windows.SourceId.TopicId"/>.</summary>
    Guid TopicId { get; }

    int Partitions { get; }

    string DeadLetterTopic { get; }

    /// <summary>0: there is no such topic.</summary>
    int DeadLetterPartitions { get; }

    /// <summary>Kafka answers which offset belongs to a time; the embedded broker does not.</summary>
    bool FindsTimes { get; }

    /// <summary>A consumer that is assigned offsets, joins no group and commits nothing; it tells the end of a partition.</summary>
    /// <param name="fields">Which fields of a result are filled: <c>none</c>, <c>headers</c>, <c>timestamp</c>.</param>
    ConsumerBuilder<Ignore, T> Reader<T>(string fields);
}
