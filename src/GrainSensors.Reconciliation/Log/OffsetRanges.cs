using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Finds out which offsets a run has to read, and how far back the log reaches.</summary>
internal sealed class OffsetRanges(IReadingLog log) : IDisposable
{
    private readonly IConsumer<Ignore, Ignore> _consumer = log.Reader<Ignore>("timestamp").Build();

    /// <summary>What is known of the sources before anything is read.</summary>
    /// <param name="Checkpoints">Of the sources that have one.</param>
    public sealed record Ranges(IReadOnlyList<SourceRange> Sources, IReadOnlyDictionary<SourceId, Checkpoint> Checkpoints);

    /// <summary>
    /// Each source up to its checkpoint: everything below it is durable in the windows, so that what differs is wrong and not
    /// merely on its way. A source without a checkpoint has no durable reading and is read not at all.
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
            sources.Add(new(checkpoint.Source, watermarks.Low.Value, Math.Min(checkpoint.NextOffset, watermarks.High.Value)));
        }

        return new(log.FindsTimes && !request.WholeLog ? Narrow(sources, request) : sources, checkpoints);
    }

    /// <summary>How far back the log reaches now, when everything has been read that was there.</summary>
    /// <param name="readFrom">See <see cref="LogReading.ReadFrom"/>.</param>
    /// <returns>The sources that have lost their beginning, each with when what is left of it was written.</returns>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public IReadOnlyList<RetentionBound> Reach(IReadOnlyList<SourceRange> sources, IReadOnlyDictionary<int, long> readFrom, CancellationToken cancellationToken)
    {
        var reaches = new List<RetentionBound>();
        var left = new List<LogRead.OffsetRange>();
        foreach (var source in sources.Select(range => range.Source))
        {
            var watermarks = Watermarks(source.Partition);
            var begin = Math.Max(watermarks.Low.Value, readFrom.GetValueOrDefault(source.Partition));
            if (begin > 0)
            {
                reaches.Add(new(source, begin, long.MaxValue));
                left.Add(new(source.Partition, begin, watermarks.High.Value));
            }
        }

        var written = new Dictionary<int, long>();
        LogRead.First(
            _consumer, log.Topic, left, record => written.Add(record.Partition, record.Message.Timestamp.UnixTimestampMs * 1000), cancellationToken);
        return reaches.ConvertAll(reach => reach with { Written = written.GetValueOrDefault(reach.Source.Partition, reach.Written) });
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    /// <summary>A reading of the range cannot have been written earlier than it was allowed to be ahead of the clock.</summary>
    private List<SourceRange> Narrow(List<SourceRange> sources, ReconciliationRequest request)
    {
        var moment = Math.Max(0, request.From - request.MaxAhead - EpochTime.MicrosPerSecond) / 1000;
        var found = _consumer.OffsetsForTimes(
            sources.Select(range => new TopicPartitionTimestamp(log.Topic, range.Source.Partition, new(moment, TimestampType.CreateTime))), LogRead.Patience);
        var offsets = found.ToDictionary(at => at.Partition.Value, at => at.Offset);
        return sources.ConvertAll(range => offsets[range.Source.Partition] is { IsSpecial: false } offset
            ? range with { Begin = Math.Clamp(offset.Value, range.Begin, Math.Max(range.Begin, range.End)) }
            : range with { Begin = Math.Max(range.Begin, range.End) });
    }

    private WatermarkOffsets Watermarks(int partition) => _consumer.QueryWatermarkOffsets(new(log.Topic, partition), LogRead.Patience);
}

/// <summary>Where a source begins that has lost what was before.</summary>
/// <param name="Written">When the first message left was written, µs since the epoch; <see cref="long.MaxValue"/>: none is left.</param>
public sealed record RetentionBound(SourceId Source, long Begin, long Written);
