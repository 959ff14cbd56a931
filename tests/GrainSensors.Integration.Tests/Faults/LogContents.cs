using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Integration.Tests.Faults;

/// <summary>What the log holds, read by a plain client: tells a loss of the pipeline from one of the broker or the producer.</summary>
internal static class LogContents
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>How many readings of the sensors there are, of those that retention has left; null: the log could not be read to its end.</returns>
    public static long? Count(KafkaOptions kafka, IReadOnlyCollection<int> sensors)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = kafka.BootstrapServers, GroupId = "log-contents", EnableAutoCommit = false, EnablePartitionEof = true,
        };
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetErrorHandler(static (_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, FaultCluster.Partitions).Select(partition => new TopicPartitionOffset(kafka.Topic, partition, Offset.Beginning)));
        var (count, ended) = (0L, new HashSet<int>());
        while (ended.Count < FaultCluster.Partitions)
        {
            if (consumer.Consume(Patience) is not { } result)
            {
                return null;
            }

            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition);
                continue;
            }

            using var reading = JsonDocument.Parse(result.Message.Value);
            count += sensors.Contains(reading.RootElement.GetProperty("sensor_id").GetInt32()) ? 1 : 0;
        }

        return count;
    }
}
