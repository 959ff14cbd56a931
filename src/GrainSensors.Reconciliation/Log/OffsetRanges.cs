using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Finds the offsets that a run has to read, and the beginning of the log.</summary>
internal sealed class OffsetRanges(IReadingLog log) : IDisposable
{
    private readonly IConsumer<Ignore, Ignore> _consumer = log.Reader<Ignore>("timestamp").Build();

    /// <summary>The sources as they are before the log is read.</summary>
    /// <param name="Checkpoints">The checkpoints of the sources that have one.</param>
    public sealed record Ranges(IReadOnlyList<SourceRange> Sources, IReadOnlyDictionary<SourceId, Checkpoint> Checkpoints);

    /// <summary>
    /// Finds the range of each source up to its checkpoint. Every reading below the checkpoint is durable in its window, so a
    /// difference there is an error and not a delay. A source without a checkpoint has no durable reading and is not read.
    /// </summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<Ranges> FindAsync(IWindowStore store, ReconciliationRequest request, CancellationToken cancellationToken)
    {
        var checkpoints = new Dictionary<SourceId, Checkpoint>();
        for (var partition = 0; partition < log.Partitions; partition++)
        {
            if (await store.ReadCheckpointAsync(new(log.TopicId, partition), cancellationToken) is { } checkpoint)
            {
                checkpoints.Add(checkpoint.Source, checkpoint);
            }
        }

        var sources = new List<SourceRange>();
        foreach (var checkpoint in checkpoints.Values)
        {
            var watermarks = Watermarks(checkpoint.Source.Partition);
            sources.Add(new(checkpoint.Source, watermarks.Low.Value, Math.Min(checkpoint.NextOffset, watermarks.High.Value))
            {
                Epochs = checkpoint.Epochs ?? LeaderEpochs.None,
            });
        }

        return new(log.FindsTimes && !request.WholeLog ? Narrow(sources, request) : sources, checkpoints);
    }

    /// <summary>Finds the beginning of the log after everything has been read.</summary>
    /// <param name="readFrom">See <see cref="LogReading.ReadFrom"/>.</param>
    /// <returns>The sources that have lost their beginning, each with the timestamp of the first message left.</returns>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public IReadOnlyList<RetentionBound> FindBounds(
        IReadOnlyList<SourceRange> sources, IReadOnlyDictionary<int, long> readFrom, CancellationToken cancellationToken)
    {
        var bounds = new List<RetentionBound>();
        var left = new List<OffsetRange>();
        foreach (var source in sources.Select(range => range.Source))
        {
            var watermarks = Watermarks(source.Partition);
            var begin = Math.Max(watermarks.Low.Value, readFrom.GetValueOrDefault(source.Partition));
            if (begin > 0)
            {
                bounds.Add(new(source, begin, long.MaxValue));
                left.Add(new(source.Partition, begin, watermarks.High.Value));
            }
        }

        var written = new Dictionary<int, long>();
        LogRead.First(
            _consumer, log.Topic, left, record => written.Add(record.Partition, record.Message.Timestamp.UnixTimestampMs * 1000),
            cancellationToken);
        return bounds.ConvertAll(bound => bound with { Written = written.GetValueOrDefault(bound.Source.Partition, bound.Written) });
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
            sources.Select(range => new TopicPartitionTimestamp(log.Topic, range.Source.Partition, timestamp)), LogRead.BrokerTimeout);
        var offsets = found.ToDictionary(at => at.Partition.Value, at => at.Offset);
        return sources.ConvertAll(range => offsets[range.Source.Partition] is { IsSpecial: false } offset
            ? range with { Begin = Math.Clamp(offset.Value, range.Begin, Math.Max(range.Begin, range.End)) }
            : range with { Begin = Math.Max(range.Begin, range.End) });
    }

    private WatermarkOffsets Watermarks(int partition) => _consumer.QueryWatermarkOffsets(new(log.Topic, partition), LogRead.BrokerTimeout);
}
