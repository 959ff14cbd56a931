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

    private static IEnumerable<(TopicPartitionOffset Place, Entry Reading)> Readings(KafkaOptions kafka)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            GroupId = "log-contents",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
        };
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetErrorHandler(static (_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, FaultCluster.Partitions)
            .Select(partition => new TopicPartitionOffset(kafka.Topic, partition, Offset.Beginning)));
        var ended = new HashSet<int>();
        while (ended.Count < FaultCluster.Partitions && consumer.Consume(Patience) is { } result)
        {
            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition);
                continue;
            }

            using var json = JsonDocument.Parse(result.Message.Value);
            var reading = json.RootElement;
            yield return (result.TopicPartitionOffset, new(
                reading.GetProperty("sensor_id").GetInt32(),
                (long)(reading.GetProperty("timestamp").GetDecimal() * EpochTime.MicrosPerSecond),
                reading.GetProperty("temperature").GetDouble()));
        }
    }

    /// <param name="Timestamp">µs since the epoch.</param>
    public readonly record struct Entry(int SensorId, long Timestamp, double Temperature);
}
