using System.Text.Json;

namespace GrainSensors.Ingest.Consuming;

/// <summary>What librdkafka's periodic statistics say of a partition.</summary>
/// <param name="InSight">Its broker is connected, has answered lately, and the partition is being fetched.</param>
/// <param name="EndOffset">The offset after the last message, as of the last fetch; −1 before the first.</param>
internal readonly record struct PartitionStatistics(int Partition, bool InSight, long EndOffset)
{
    /// <summary>Fetches return at least every fetch.wait.max.ms, so a broker that is silent for so long is gone or frozen.</summary>
    private const long MaxSilenceMicros = 5_000_000;

    /// <param name="json">As described in librdkafka's STATISTICS.md.</param>
    public static IEnumerable<PartitionStatistics> Parse(string json, string topic)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var brokersInSight = new HashSet<int>();
        foreach (var broker in root.GetProperty("brokers").EnumerateObject())
        {
            if (broker.Value.GetProperty("state").GetString() == "UP" && broker.Value.GetProperty("rxidle").GetInt64() is >= 0 and < MaxSilenceMicros)
            {
                brokersInSight.Add(broker.Value.GetProperty("nodeid").GetInt32());
            }
        }

        var result = new List<PartitionStatistics>();
        if (root.GetProperty("topics").TryGetProperty(topic, out var found))
        {
            foreach (var partition in found.GetProperty("partitions").EnumerateObject())
            {
                var id = partition.Value.GetProperty("partition").GetInt32();
                if (id >= 0)
                {
                    var inSight = partition.Value.GetProperty("fetch_state").GetString() == "active"
                        && brokersInSight.Contains(partition.Value.GetProperty("broker").GetInt32());
                    result.Add(new(id, inSight, partition.Value.GetProperty("hi_offset").GetInt64()));
                }
            }
        }

        return result;
    }
}
