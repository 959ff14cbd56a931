using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>What the log holds, read by a plain client: tells a loss of the pipeline from one of the broker or the producer.</summary>
internal static class LogContents
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>By window, where its readings stand in the log, as far as retention has left them.</returns>
    public static Dictionary<WindowId, List<string>> Read(KafkaOptions kafka, Period period)
    {
        var windows = new Dictionary<WindowId, List<string>>();
        foreach (var (place, reading) in Readings(kafka))
        {
            var window = new WindowId(reading.SensorId, period, period.StartOf(reading.Timestamp));
            (windows.TryGetValue(window, out var places) ? places : windows[window] = []).Add(
                string.Create(CultureInfo.InvariantCulture, $"{place.Partition.Value}@{place.Offset.Value}"));
        }

        return windows;
    }

    /// <returns>
    /// What is in the log again, each time that it is: the embedded broker does not know what it has when a producer whose
    /// connection was lost before the answer sends it once more.
    /// </returns>
    public static List<Entry> Repeated(KafkaOptions kafka)
    {
        var seen = new HashSet<Entry>();
        return [.. Readings(kafka).Select(found => found.Reading).Where(reading => !seen.Add(reading))];
    }

    /// <returns>All messages of topics, as far as retention has left them.</returns>
    public static IEnumerable<(TopicPartitionOffset Place, byte[] Value)> Messages(KafkaOptions kafka, params IReadOnlyList<string> topics)
    {
        using var consumer = Consumer(kafka);
        var partitions = PartitionsOf(topics);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        var ended = new HashSet<TopicPartition>();
        while (ended.Count < partitions.Count && consumer.Consume(Patience) is { } result)
        {
            if (result.IsPartitionEOF)
            {
                ended.Add(result.TopicPartition);
            }
            else
            {
                yield return (result.TopicPartitionOffset, result.Message.Value);
            }
        }
    }

    /// <returns>How many messages topics were ever given.</returns>
    public static long Count(KafkaOptions kafka, params IReadOnlyList<string> topics)
    {
        using var consumer = Consumer(kafka);
        return PartitionsOf(topics).Sum(partition => consumer.QueryWatermarkOffsets(partition, Patience).High.Value);
    }

    private static List<TopicPartition> PartitionsOf(IReadOnlyList<string> topics) => [.. topics.SelectMany(
        topic => Enumerable.Range(0, FaultCluster.Partitions).Select(partition => new TopicPartition(topic, partition)))];

    private static IConsumer<Ignore, byte[]> Consumer(KafkaOptions kafka)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            GroupId = "log-contents",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
        };
        return new ConsumerBuilder<Ignore, byte[]>(config).SetErrorHandler(static (_, _) => { }).Build();
    }

    private static IEnumerable<(TopicPartitionOffset Place, Entry Reading)> Readings(KafkaOptions kafka)
    {
        foreach (var (place, value) in Messages(kafka, kafka.Topic))
        {
            using var json = JsonDocument.Parse(value);
            var reading = json.RootElement;
            yield return (place, new(
                reading.GetProperty("sensor_id").GetInt32(),
                (long)(reading.GetProperty("timestamp").GetDecimal() * EpochTime.MicrosPerSecond),
                reading.GetProperty("temperature").GetDouble()));
        }
    }

    /// <param name="Timestamp">µs since the epoch.</param>
    public readonly record struct Entry(int SensorId, long Timestamp, double Temperature);
}
