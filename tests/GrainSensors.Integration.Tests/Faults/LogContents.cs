using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Integration.Tests.Faults;

/// <summary>What the log holds, read by a plain client: tells a loss of the pipeline from one of the broker or the producer.</summary>
internal static class LogContents
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>By window, where its readings stand in the log, as far as retention has left them.</returns>
    public static Dictionary<WindowId, List<string>> Read(KafkaOptions kafka, Period period)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = kafka.BootstrapServers, GroupId = "log-contents", EnableAutoCommit = false, EnablePartitionEof = true,
        };
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetErrorHandler(static (_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, FaultCluster.Partitions).Select(partition => new TopicPartitionOffset(kafka.Topic, partition, Offset.Beginning)));
        var (windows, ended) = (new Dictionary<WindowId, List<string>>(), new HashSet<int>());
        while (ended.Count < FaultCluster.Partitions && consumer.Consume(Patience) is { } result)
        {
            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition);
                continue;
            }

            using var json = JsonDocument.Parse(result.Message.Value);
            var start = period.StartOf((long)(json.RootElement.GetProperty("timestamp").GetDecimal() * EpochTime.MicrosPerSecond));
            var window = new WindowId(json.RootElement.GetProperty("sensor_id").GetInt32(), start, start + period.TotalMicros);
            (windows.TryGetValue(window, out var places) ? places : windows[window] = []).Add(
                string.Create(CultureInfo.InvariantCulture, $"{result.Partition.Value}@{result.Offset.Value}"));
        }

        return windows;
    }
}
