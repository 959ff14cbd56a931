using System.Text.Json;
using Confluent.Kafka;

namespace GrainSensors.Ingest.Consuming;

/// <summary>A partition in the periodic statistics of librdkafka.</summary>
/// <param name="At">The topic and the number of the partition.</param>
/// <param name="IsFetching">The partition is being fetched, and its broker is connected and has answered recently.</param>
/// <param name="EndOffset">The offset after the last message, as of the last fetch. −1 before the first fetch.</param>
internal readonly record struct PartitionStatistics(TopicPartition At, bool IsFetching, long EndOffset)
{
    /// <summary>Fetches return at least every fetch.wait.max.ms. A broker that is silent for this time has stopped or is frozen.</summary>
    private const long MaxSilenceMicros = 5_000_000;

    /// <param name="json">The statistics in the format of librdkafka's STATISTICS.md.</param>
    public static IEnumerable<PartitionStatistics> Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var answering = new HashSet<int>();
        foreach (var broker in root.GetProperty("brokers").EnumerateObject())
        {
            if (broker.Value.GetProperty("state").GetString() == "UP"
                && broker.Value.GetProperty("rxidle").GetInt64() is >= 0 and < MaxSilenceMicros)
            {
                answering.Add(broker.Value.GetProperty("nodeid").GetInt32());
            }
        }

        var result = new List<PartitionStatistics>();
        foreach (var topic in root.GetProperty("topics").EnumerateObject())
        {
            foreach (var partition in topic.Value.GetProperty("partitions").EnumerateObject())
            {
                var id = partition.Value.GetProperty("partition").GetInt32();
                if (id >= 0)
                {
                    var isFetching = partition.Value.GetProperty("fetch_state").GetString() == "active"
                        && answering.Contains(partition.Value.GetProperty("broker").GetInt32());
                    result.Add(new(new(topic.Name, id), isFetching, partition.Value.GetProperty("hi_offset").GetInt64()));
                }
            }
        }

        return result;
    }
}
