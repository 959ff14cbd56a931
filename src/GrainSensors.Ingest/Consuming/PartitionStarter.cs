using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Storage;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Finds out where the work on a partition begins.</summary>
internal sealed partial class PartitionStarter(KafkaClients clients, IWindowStore store, ILogger<PartitionStarter> logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <exception cref="KafkaException">The broker did not answer; try again.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store did not answer; try again.</exception>
    public async Task<PartitionAssignment> StartAsync(int partition, PartitionCounters counters)
    {
        using var admin = clients.Admin();
        using var reader = clients.OffsetReader();
        var at = new TopicPartition(clients.Options.Topic, partition);
        var topic = await TopicIdentity.ResolveAsync(admin, at.Topic);
        var source = new SourceId(topic.TopicId, partition);
        var checkpoint = await store.ReadCheckpointAsync(source, CancellationToken.None);
        var (low, high) = await Task.Run(() => Watermarks(reader, at));
        var committed = await Task.Run(() => reader.Committed([at], Timeout)[0].Offset);
        var start = checkpoint?.NextOffset ?? (committed.IsSpecial ? low : committed.Value);
        if (start < low || start > high)
        {
            LogOutOfRange(logger, partition, start, low, high);
            counters.Missed += Math.Max(0, low - start);
            start = low;
        }

        var open = await store.ReadOpenAsync(CancellationToken.None);
        return new(
            source,
            start,
            checkpoint?.StreamTime ?? EpochTime.Min,
            [.. open.Where(window => IsOf(source, topic, window)).Select(window => window.Window)]);
    }

    /// <summary>Windows of a topic that is no more would stay open for ever; the partition that has the sensor now closes them.</summary>
    private static bool IsOf(SourceId source, TopicIdentity topic, OpenWindow window) =>
        window.Marks[source] != Marks.None
        || (KeyPartitioner.PartitionOf(window.Window.SensorId, topic.Partitions) == source.Partition
            && !Array.Exists(window.Marks.ToArray(), mark => mark.Source.TopicId == topic.TopicId));

    private static (long Low, long High) Watermarks(IConsumer<Ignore, Ignore> reader, TopicPartition at)
    {
        var offsets = reader.QueryWatermarkOffsets(at, Timeout);
        return (offsets.Low.Value, offsets.High.Value);
    }

    [LoggerMessage(1, LogLevel.Error, "Partition {Partition} should go on at offset {Start}, but the log holds {Low} to {High}: readings are missing, or the log is another one; going on at {Low}")]
    private static partial void LogOutOfRange(ILogger logger, int partition, long start, long low, long high);
}
