using System.Text.Json;
using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Benchmarks.Latency;

/// <summary>Reads the topic where log consumers hear of alerts.</summary>
internal static class LogTopicWatch
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Goes on until it is cancelled.</summary>
    public static Task RunAsync(
        string bootstrapServers, string topic, AlertSightings sightings, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            KafkaNativeLibrary.Load();
            using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
            {
                BootstrapServers = bootstrapServers,
                GroupId = $"benchmark-{Guid.NewGuid():N}",
                AutoOffsetReset = AutoOffsetReset.Earliest,
                FetchWaitMaxMs = 10,
            }).Build();
            consumer.Subscribe(topic);
            while (!cancellationToken.IsCancellationRequested)
            {
                if (consumer.Consume(Poll) is { Message.Value: { } value })
                {
                    using var json = JsonDocument.Parse(value);
                    sightings.Add(json.RootElement.GetProperty("sensor_id").GetInt32());
                }
            }
        },
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
