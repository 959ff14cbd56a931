using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Log;

/// <summary>The topics of readings and of dead letters, opened by a caller that holds the connection settings of Kafka.</summary>
/// <remarks>The interface keeps this project free of the ingest project, which has the same Kafka settings.</remarks>
public interface IReadingLog
{
    /// <summary>The topics that the silos read. The first is the topic of readings; those of the sources follow.</summary>
    IReadOnlyList<LogTopic> Topics { get; }

    string DeadLetterTopic { get; }

    /// <summary>The number of partitions of the dead letter topic; 0 if the topic does not exist.</summary>
    int DeadLetterPartitions { get; }

    /// <summary>Kafka can find the offset for a timestamp; the embedded broker cannot.</summary>
    bool FindsTimes { get; }

    /// <summary>
    /// Creates a consumer that is assigned offsets, joins no group, commits nothing and reports the end of a partition.
    /// </summary>
    /// <param name="fields">The fields of a result to fill in: <c>none</c>, <c>headers</c>, <c>timestamp</c>, separated by commas.</param>
    ConsumerBuilder<TKey, T> Reader<TKey, T>(string fields);
}
