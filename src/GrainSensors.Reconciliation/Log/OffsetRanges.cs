using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Storage;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Finds the offsets that a run has to read, and the beginning of the log.</summary>
internal sealed class OffsetRanges(IReadingLog log) : IDisposable
{
    private readonly Dictionary<SourceId, long> _judgedFrom = [];
    private readonly Dictionary<SourceId, long> _unreadBelow = [];

    private readonly IConsumer<Ignore, Ignore> _consumer = log.Reader<Ignore, Ignore>("timestamp").Build();

    /// <summary>The sources as they are before the log is read.</summary>
    /// <param name="Checkpoints">The checkpoints of the sources that have one.</param>
    public sealed record Ranges(IReadOnlyList<SourceRange> Sources, IReadOnlyDictionary<SourceId, Checkpoint> Checkpoints);

    /// <summary>
    /// Finds the range of each source up to its checkpoint. Every reading below the checkpoint is durable in its window, so a
    /// difference there is an error and not a delay. A source without a checkpoint has no durable reading and is not read.
    /// </summary>
    /// <param name="isKnown">Whether the engine can read messages of the version of a topic.</param>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<Ranges> FindAsync(
        IStore store, ReconciliationRequest request, Func<LogTopic, MessageVersion, bool> isKnown, CancellationToken cancellationToken)
    {
        var checkpoints = new Dictionary<SourceId, Checkpoint>();
        foreach (var source in log.Topics.SelectMany(topic => Enumerable.Range(0, topic.Partitions).Select(topic.SourceOf)))
        {
            if (await store.ReadCheckpointAsync(source, cancellationToken) is { } checkpoint)
            {
                checkpoints.Add(checkpoint.Source, checkpoint);
            }
        }

        var sources = new List<SourceRange>();
        foreach (var topic in log.Topics)
        {
            var versions = (await store.MessageVersions.ReadAsync(topic.Id, cancellationToken))
                .ToLookup(stored => stored.Partition, stored => stored.Version);
            foreach (var checkpoint in checkpoints.Values.Where(checkpoint => checkpoint.Source.TopicId == topic.Id))
            {
                var watermarks = Watermarks(checkpoint.Source);
                var end = Math.Min(checkpoint.NextOffset, watermarks.High.Value);
                var range = new SourceRange(checkpoint.Source, watermarks.Low.Value, end)
                {
                    Epochs = checkpoint.Epochs ?? LeaderEpochs.None,
                    Versions = [.. versions[checkpoint.Source.Partition]],
                };
                _judgedFrom[range.Source] = MessageParsers.JudgedFrom(range, version => isKnown(topic, version));
                if (range.Versions.Count > 0)
                {
                    _unreadBelow[range.Source] = range.Versions.Min(version => version.FirstOffset);
                }

                sources.Add(range with { Begin = Math.Max(range.Begin, Math.Min(end, _judgedFrom[range.Source])) });
            }
        }

        return new(log.FindsTimes && !request.WholeLog ? Narrow(sources, request) : sources, checkpoints);
    }

    /// <summary>Finds the beginning of the log after everything has been read.</summary>
    /// <param name="readFrom">See <see cref="LogReading.ReadFrom"/>.</param>
    /// <returns>The sources that have lost their beginning, each with the timestamp of the first message left.</returns>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public IReadOnlyList<RetentionBound> FindBounds(
        IReadOnlyList<SourceRange> sources, IReadOnlyDictionary<SourceId, long> readFrom, CancellationToken cancellationToken)
    {
        var bounds = new List<RetentionBound>();
        foreach (var topic in log.Topics)
        {
            var left = new List<OffsetRange>();
            foreach (var source in sources.Select(range => range.Source).Where(source => source.TopicId == topic.Id))
            {
                var watermarks = Watermarks(source);
                var begin = Math.Max(
                    Math.Max(watermarks.Low.Value, Math.Min(watermarks.High.Value, _judgedFrom.GetValueOrDefault(source))),
                    readFrom.GetValueOrDefault(source));
                if (begin > 0)
                {
                    left.Add(new(source.Partition, begin, watermarks.High.Value));
                }
            }

            var written = new Dictionary<int, long>();
            LogRead.First(
                _consumer, topic.Name, left, record => written.Add(record.Partition, record.Message.Timestamp.UnixTimestampMs * 1000),
                cancellationToken);
            bounds.AddRange(left.Select(range => new RetentionBound(
                topic.SourceOf(range.Partition), topic.PlaceOf(range.Partition, range.Begin).Topic, range.Begin,
                written.GetValueOrDefault(range.Partition, long.MaxValue))
            {
                IsUnread = range.Begin == _unreadBelow.GetValueOrDefault(topic.SourceOf(range.Partition), -1),
            }));
        }

        return bounds;
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    /// <summary>
    /// Moves the beginning of each range forward. A reading may be ahead of the clock by <see cref="ReconciliationRequest.MaxAhead"/>
    /// at most, so the readings of the range were written after their first timestamp minus that time.
    /// </summary>
    private List<SourceRange> Narrow(List<SourceRange> sources, ReconciliationRequest request)
    {
        var firstMillis = Math.Max(0, request.From - request.MaxAhead - EpochTime.MicrosPerSecond) / 1000;
        var timestamp = new Timestamp(firstMillis, TimestampType.CreateTime);
        var found = _consumer.OffsetsForTimes(
            sources.Select(range => new TopicPartitionTimestamp(At(range.Source), timestamp)), LogRead.BrokerTimeout);
        var offsets = found.ToDictionary(at => at.TopicPartition, at => at.Offset);
        return sources.ConvertAll(range => offsets[At(range.Source)] is { IsSpecial: false } offset
            ? range with { Begin = Math.Clamp(offset.Value, range.Begin, Math.Max(range.Begin, range.End)) }
            : range with { Begin = Math.Max(range.Begin, range.End) });
    }

    private WatermarkOffsets Watermarks(SourceId source) => _consumer.QueryWatermarkOffsets(At(source), LogRead.BrokerTimeout);

    private TopicPartition At(SourceId source) => new(log.Topics.First(topic => topic.Id == source.TopicId).Name, source.Partition);
}
