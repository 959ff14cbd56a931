using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Status;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Resolves the start position of a partition from its checkpoint, the offset of the group, and the log.</summary>
internal sealed partial class StartPositionResolver(KafkaClients clients, IWindowStore store, ILogger<StartPositionResolver> logger)
    : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly AdminConnection _admin = new(clients.Admin);

    /// <summary>Loads what the partitions of one assignment share. The first partition that asks starts the load.</summary>
    public Lazy<Task<RebalanceContext>> LoadContext() => new(async () =>
    {
        var topic = await _admin.RequestAsync(admin => TopicIdentity.ResolveAsync(admin, clients.Options.Topic));
        return new(topic, await store.ReadOpenAsync(CancellationToken.None));
    });

    /// <summary>The topic, and the open windows of the store after the partitions were assigned.</summary>
    public sealed record RebalanceContext(TopicIdentity Topic, IReadOnlyList<OpenWindow> Open);

    /// <exception cref="KafkaException">The broker did not answer. Call again.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store did not answer. Call again.</exception>
    public async Task<StartPosition> ResolveAsync(int partition, Lazy<Task<RebalanceContext>> context, PartitionCounters counters)
    {
        var at = new TopicPartition(clients.Options.Topic, partition);
        var (topic, open) = await context.Value;
        var source = new SourceId(topic.TopicId, partition);
        var checkpoint = await store.ReadCheckpointAsync(source, CancellationToken.None);
        var (low, high, committed) = await Task.Run(() => ReadOffsets(at));
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
            // The first checkpoint is written before anything is committed to Kafka. Otherwise a database that is restored from a
            // backup without a checkpoint of the partition would start at the offset of the group, ahead of its windows.
            var startsFrom = windows.Select(window => window.Start).DefaultIfEmpty(long.MaxValue).Min();
            await store.WriteCheckpointAsync(new(source, start, EpochTime.Min, startsFrom), CancellationToken.None);
        }

        return new(source, start, checkpoint?.StreamTime ?? EpochTime.Min, windows) { EndOffset = high, Partitions = topic.Partitions };
    }

    public void Dispose() => _admin.Dispose();

    /// <summary>
    /// Whether a partition closes a window. Windows of a deleted topic are closed by the partition that has the sensor now.
    /// </summary>
    private static bool IsOf(SourceId source, TopicIdentity topic, OpenWindow window) =>
        window.Marks[source] != Marks.None
        || (KeyPartitioner.PartitionOf(window.Window.SensorId, topic.Partitions) == source.Partition
            && !Array.Exists(window.Marks.ToArray(), mark => mark.Source.TopicId == topic.TopicId));

    /// <remarks>
    /// Each call uses a new client. A client that is kept does not find the coordinator of the group again after some outages of
    /// the broker, and all of its later requests time out.
    /// </remarks>
    private (long Low, long High, Offset Committed) ReadOffsets(TopicPartition at)
    {
        using var reader = clients.OffsetReader();
        var offsets = reader.QueryWatermarkOffsets(at, Timeout);
        return (offsets.Low.Value, offsets.High.Value, reader.Committed([at], Timeout)[0].Offset);
    }

    [LoggerMessage(
        1030,
        LogLevel.Error,
        "Partition {Partition} should continue at offset {Start}, but the log holds {Low} to {High}: readings are missing, "
        + "or the topic was created again; continuing at {Low}")]
    private static partial void LogOutOfRange(ILogger logger, int partition, long start, long low, long high);
}
