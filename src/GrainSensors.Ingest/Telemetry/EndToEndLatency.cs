using System.Diagnostics;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>Waits with what a partition's loop has dispatched for the checkpoint that covers it, and measures how long that took.</summary>
internal sealed class EndToEndLatency(IngestMetrics metrics, string topic, int partition)
{
    /// <summary>Spans that wait; a store that is away for an hour must not fill the memory with them.</summary>
    private const int MaxFollowed = 1000;

    private readonly Queue<(long NextOffset, long AppendedAt)> _batches = new();
    private readonly Queue<(long Offset, Activity Span)> _followed = new();

    public void Dispatched(FetchedBatch batch, long nextOffset)
    {
        metrics.Batch(batch.Count);
        if (batch.AppendedAt > 0)
        {
            _batches.Enqueue((nextOffset, batch.AppendedAt));
        }

        foreach (var reading in batch.Followed)
        {
            if (_followed.Count < MaxFollowed && ReadingTraces.Process(reading, topic, partition) is { } span)
            {
                _followed.Enqueue((reading.Offset, span));
            }
        }
    }

    public void Checkpointed(long nextOffset, TimeSpan duration)
    {
        metrics.Checkpointed(duration);
        while (_batches.TryPeek(out var batch) && batch.NextOffset <= nextOffset)
        {
            metrics.Durable(_batches.Dequeue().AppendedAt);
        }

        while (_followed.TryPeek(out var reading) && reading.Offset < nextOffset)
        {
            ReadingTraces.Durable(_followed.Dequeue().Span);
        }
    }

    /// <summary>Everything comes again.</summary>
    public void Rewound()
    {
        _batches.Clear();
        _followed.Clear();
    }
}
