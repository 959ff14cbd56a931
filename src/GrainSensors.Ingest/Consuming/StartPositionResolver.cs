using Confluent.Kafka;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Resolves the start position of a partition from its checkpoint, the offset of the group, and the log.</summary>
internal sealed partial class StartPositionResolver(
    KafkaClients clients,
    ReadTopics read,
    LiveTopics live,
    IWindowStore store,
    ISensorNames names,
    MeasurementDiscovery discovery,
    MessageVersionLog versions,
    TimeProvider clock,
    ILogger<StartPositionResolver> logger) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly AdminConnection _admin = new(clients.Admin);

    /// <summary>Loads what the partitions of one assignment share. The first partition that asks starts the load.</summary>
    public Lazy<Task<RebalanceContext>> LoadContext() => new(async () =>
    {
        var topics = await _admin.RequestAsync(IdentifyAsync);
        live.Set(topics.Values.Select(topic => topic.TopicId));
        var open = await store.ReadOpenAsync(CancellationToken.None);
        await discovery.DecideAsync();
        int[] named = [.. open.Where(window => !HasReadingsOf(topics, window)).Select(window => window.Window.SensorId)
            .Where(SensorName.IsNumber).Distinct()];
        var found = named.Length == 0 ? [] : await names.NamesOfAsync(named, CancellationToken.None);
        return new(topics, open, named.Zip(found).ToDictionary(pair => pair.First, pair => pair.Second));
    });

    /// <summary>The topics by name, and the open windows of the store after the partitions were assigned.</summary>
    /// <param name="Names">The names of sensors whose open windows are all of deleted topics, by number.</param>
    public sealed record RebalanceContext(
        IReadOnlyDictionary<string, TopicIdentity> Topics, IReadOnlyList<OpenWindow> Open, IReadOnlyDictionary<int, string?> Names);

    /// <exception cref="KafkaException">The broker did not answer. Call again.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store did not answer. Call again.</exception>
    public async Task<StartPosition> ResolveAsync(
        AssignedPartition partition, Lazy<Task<RebalanceContext>> context)
    {
        var (at, counters) = (partition.At, partition.Counters);
        var (topics, open, known) = await context.Value;
        if (!topics.TryGetValue(at.Topic, out var topic))
        {
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"The topic \"{at.Topic}\" is not known yet."));
        }

        var source = new SourceId(topic.TopicId, at.Partition.Value);
        var checkpoint = await store.ReadCheckpointAsync(source, CancellationToken.None);
        counters.Missed = partition.Missed.Settle(checkpoint?.Token);
        var (low, high, next, log) = await Task.Run(() => ReadLog(at, checkpoint, read.SourceOf(at.Topic)?.Start));
        counters.EndOffset = high;
        var start = log.Offset;
        source = source with { Incarnation = ExactnessRules.Default.IncarnationOf(log.Epochs, start) };
        WindowId[] windows = [.. open.Where(window => IsOf(at, source, topics, window, known)).Select(window => window.Window)];

        // The start is stored before anything else. From then on a former owner stores neither a checkpoint nor a refusal, and what
        // was missed is counted once. A database that is restored from a backup without a checkpoint of the partition would otherwise
        // start at the offset of the group, ahead of its windows. And the incarnation is known before its first mark is.
        var ownedAt = EpochTime.Now(clock);
        var openFrom = windows.Select(window => window.Start).DefaultIfEmpty(long.MaxValue).Min();
        var begin = new Checkpoint(source, start, checkpoint?.StreamTime ?? EpochTime.Min, checkpoint?.OpenFrom ?? openFrom)
        {
            Epochs = log.Epochs,
            Token = Random.Shared.NextInt64(),
            Life = checkpoint?.Life ?? store.Life,
            JudgedFrom = checkpoint?.JudgedFrom ?? ownedAt,
            RemovesRefusalsBelow = checkpoint is null ? null : start,
            Replaces = checkpoint is null ? [] : [checkpoint.Token],
        };

        // Before the write, whose answer may be lost.
        LogGaps(partition.Name, next, low, high, log);
        counters.Missed = partition.Missed.Begin(begin.Token, Math.Max(0, low - next));
        await WriteAsync(partition, begin, high);
        var refusals = checkpoint is null ? [] : await store.ReadRefusalsAsync(source, CancellationToken.None);
        return new(source, start, begin.StreamTime, windows)
        {
            Epochs = log.Epochs,
            CheckpointToken = begin.Token,
            Life = begin.Life,
            OwnedAt = ownedAt,
            Refusals = new(refusals, mayRepeat: checkpoint is not null, begin.JudgedFrom),
            EndOffset = high,
            Partitions = partition.Reader is null ? topic.Partitions : null,
        };
    }

    public void Dispose() => _admin.Dispose();

    private async Task WriteAsync(AssignedPartition partition, Checkpoint begin, long end)
    {
        if (begin.Replaces.Count == 0)
        {
            await versions.BeginAsync(partition.At.Topic, begin.Source, begin.NextOffset);
        }

        if (!await store.WriteCheckpointAsync(begin, CancellationToken.None))
        {
            partition.Counters.Missed = partition.Missed.Settle(stored: null);
            throw new WindowStoreUnavailableException($"The checkpoint of partition {partition.Name} has just changed.");
        }

        await versions.AddAsync(partition.At.Topic, begin, end);
    }

    private void LogGaps(PartitionName partition, long read, long low, long high, LogContinuation log)
    {
        if (read < low)
        {
            LogMissed(logger, partition, read, low, high);
        }

        if (log.Truncated is { } truncated)
        {
            LogTruncated(logger, partition, read, low, high, truncated, log.Epochs.ToString());
        }
    }

    /// <summary>
    /// Whether a partition closes a window. Windows of topics that are read no longer are closed by the partition of the topic of readings
    /// that the sensor's key belongs to.
    /// </summary>
    private bool IsOf(
        TopicPartition at, SourceId source, IReadOnlyDictionary<string, TopicIdentity> topics, OpenWindow window,
        IReadOnlyDictionary<int, string?> names) =>
        window.Marks.AnyIncarnationOf(source)
        || (at.Topic == read.Contract
            && !HasReadingsOf(topics, window)
            && KeyPartitioner.PartitionOf(
                window.Window.SensorId, names.GetValueOrDefault(window.Window.SensorId), topics[at.Topic].Partitions) == source.Partition);

    private static bool HasReadingsOf(IReadOnlyDictionary<string, TopicIdentity> topics, OpenWindow window) =>
        Array.Exists(window.Marks.ToArray(), mark => topics.Values.Any(topic => topic.TopicId == mark.Source.TopicId));

    /// <summary>Identifies all topics that the silos read, also those without a partition on this one.</summary>
    private async Task<IReadOnlyDictionary<string, TopicIdentity>> IdentifyAsync(IAdminClient admin)
    {
        var metadata = await TopicIdentity.MetadataAsync(admin);
        return await TopicIdentity.ResolveAsync(admin, metadata, read.In(metadata));
    }

    /// <remarks>
    /// Each call uses a new client. A client that is kept does not find the coordinator of the group again after some outages of
    /// the broker, and all of its later requests time out.
    /// </remarks>
    private (long Low, long High, long Read, LogContinuation Log) ReadLog(
        TopicPartition at, Checkpoint? checkpoint, string? begin)
    {
        using var reader = clients.OffsetReader();
        var offsets = reader.QueryWatermarkOffsets(at, Timeout);
        var (low, high) = (offsets.Low.Value, offsets.High.Value);
        var comparison = new LogComparison(new KafkaMessageEpochs(reader, at, Timeout), low, high);
        if (checkpoint is not null)
        {
            var epochs = checkpoint.Epochs ?? LeaderEpochs.BeforeEpochs(high);
            return (low, high, checkpoint.NextOffset, comparison.Continue(checkpoint.NextOffset, epochs));
        }

        // Without a checkpoint no reading of the source is in a window. The group may have the offset of an earlier topic.
        var committed = reader.Committed([at], Timeout)[0].Offset;
        var start = committed.IsSpecial ? StartOf(reader, at, begin, low, high) : committed.Value > high ? low : committed.Value;
        return (low, high, start, comparison.Continue(start, LeaderEpochs.None));
    }

    /// <param name="begin">See <see cref="SourceOptions.Start"/>; null: the first message.</param>
    private static long StartOf(IConsumer<Ignore, Ignore> reader, TopicPartition at, string? begin, long low, long high)
    {
        if (begin is null or SourceOptions.Earliest)
        {
            return low;
        }

        if (begin == SourceOptions.Latest || !EpochTime.TryParse(begin, out var micros))
        {
            return high;
        }

        var found = reader.OffsetsForTimes([new(at, new(micros / 1000, TimestampType.CreateTime))], Timeout)[0].Offset;
        return found.IsSpecial ? high : Math.Clamp(found.Value, low, high);
    }

    [LoggerMessage(
        1030,
        LogLevel.Error,
        "Partition {Partition} should continue at offset {Start}, but the log holds {Low} to {High}: readings are missing; "
        + "continuing at {Low}")]
    private static partial void LogMissed(ILogger logger, PartitionName partition, long start, long low, long high);

    [LoggerMessage(
        1031,
        LogLevel.Error,
        "The log of partition {Partition} was truncated: it was read up to offset {Read}, and holds {Low} to {High} now, with other "
        + "messages from offset {Truncated} on. These are read as new ones; windows keep the readings that the log has lost "
        + "(epochs: {Epochs})")]
    private static partial void LogTruncated(
        ILogger logger, PartitionName partition, long read, long low, long high, long truncated, string epochs);
}
