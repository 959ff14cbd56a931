using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Finds out where the work on a partition begins.</summary>
internal sealed partial class StartPositionResolver(KafkaClients clients, IWindowStore store, ILogger<StartPositionResolver> logger) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly AdminConnection _admin = new(clients.Admin);

    /// <summary>What partitions that are assigned together need to know in common, looked up once when the first one asks.</summary>
    public Lazy<Task<RebalanceContext>> LoadContext() => new(async () =>
    {
        var topic = await _admin.RequestAsync(admin => TopicIdentity.ResolveAsync(admin, clients.Options.Topic));
        return new(topic, await store.ReadOpenAsync(CancellationToken.None));
    });

    /// <summary>The topic as it is now, and the open windows of the store after the partitions were assigned.</summary>
    public sealed record RebalanceContext(TopicIdentity Topic, IReadOnlyList<OpenWindow> Open);

    /// <exception cref="KafkaException">The broker did not answer; try again.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store did not answer; try again.</exception>
    public async Task<StartPosition> StartAsync(int partition, Lazy<Task<RebalanceContext>> surroundings, PartitionCounters counters)
    {
        var at = new TopicPartition(clients.Options.Topic, partition);
        var (topic, open) = await surroundings.Value;
        var source = new SourceId(topic.TopicId, partition);
        var checkpoint = await store.ReadCheckpointAsync(source, CancellationToken.None);
        var (low, high, committed) = await Task.Run(() => Look(at));
        counters.EndOffset = high;
        var start = checkpoint?.NextOffset ?? (committed.IsSpecial ? low : committed.Value);
        if (start < low || start > high)
        {
            LogOutOfRange(logger, partition, start, low, high);
            counters.Missed += Math.Max(0, low - start);
            start = low;
        }

        WindowId[] windows = [.. open.Where(window => IsOf(source, topic, window)).Select(window => window.Window)];
        if (checkpoint is null)
        {
            // Before anything is committed to Kafka: a database that is restored from a backup without a checkpoint of the
            // partition would begin where the group has come to, which is ahead of its windows.
            await store.WriteCheckpointAsync(
                new(source, start, EpochTime.Min, windows.Select(window => window.Start).DefaultIfEmpty(long.MaxValue).Min()), CancellationToken.None);
        }

        return new(source, start, checkpoint?.StreamTime ?? EpochTime.Min, windows) { EndOffset = high, Partitions = topic.Partitions };
    }

    public void Dispose() => _admin.Dispose();

    /// <summary>Windows of a topic that is no more would stay open for ever; the partition that has the sensor now closes them.</summary>
    private static bool IsOf(SourceId source, TopicIdentity topic, OpenWindow window) =>
        window.Marks[source] != Marks.None
        || (KeyPartitioner.PartitionOf(window.Window.SensorId, topic.Partitions) == source.Partition
            && !Array.Exists(window.Marks.ToArray(), mark => mark.Source.TopicId == topic.TopicId));

    /// <remarks>
    /// By a client of its own: one that is kept does not find the group's coordinator again after some outages of the
    /// broker, and all of its later requests time out.
    /// </remarks>
    private (long Low, long High, Offset Committed) Look(TopicPartition at)
    {
        using var reader = clients.OffsetReader();
        var offsets = reader.QueryWatermarkOffsets(at, Timeout);
        return (offsets.Low.Value, offsets.High.Value, reader.Committed([at], Timeout)[0].Offset);
    }

    [LoggerMessage(1030, LogLevel.Error, "Partition {Partition} should go on at offset {Start}, but the log holds {Low} to {High}: readings are missing, or the log is another one; going on at {Low}")]
    private static partial void LogOutOfRange(ILogger logger, int partition, long start, long low, long high);
}
