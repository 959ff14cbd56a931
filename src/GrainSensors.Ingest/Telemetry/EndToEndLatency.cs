using System.Diagnostics;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>Measures how long the batches of a partition take from Kafka's timestamp to their rows.</summary>
internal sealed class EndToEndLatency(IngestMetrics metrics, string topic, int partition)
{
    /// <summary>Spans kept at most. During an outage of the store they would otherwise fill the memory.</summary>
    private const int MaxFollowed = 1000;

    private readonly Queue<(long NextOffset, long AppendedAt)> _batches = new();
    private readonly Queue<(long Offset, Activity Span)> _followed = new();

    /// <summary>A batch has been dispatched.</summary>
    /// <param name="readings">The number of its readings.</param>
    /// <param name="appendedAt">Kafka's timestamp of its first message, ms since the epoch. 0 if it is not known.</param>
    /// <param name="followed">Its readings that are traced.</param>
    /// <param name="nextOffset">The offset after its last message.</param>
    public void Dispatched(int readings, long appendedAt, List<FollowedReading> followed, long nextOffset)
    {
        metrics.Batch(readings);
        if (appendedAt > 0)
        {
            _batches.Enqueue((nextOffset, appendedAt));
        }

        foreach (var reading in followed)
        {
            if (_followed.Count < MaxFollowed && ReadingTraces.Process(reading, topic, partition) is { } span)
            {
                _followed.Enqueue((reading.Offset, span));
            }
        }
    }

    /// <summary>A checkpoint has been written.</summary>
    /// <param name="duration">The time from the start of the attempt.</param>
    public void Checkpointed(TimeSpan duration) => metrics.Checkpointed(duration);

    /// <summary>The readings below an offset are in the rows of the store.</summary>
    public void Written(long nextOffset)
    {
        while (_batches.TryPeek(out var batch) && batch.NextOffset <= nextOffset)
        {
            metrics.Durable(_batches.Dequeue().AppendedAt);
        }

        while (_followed.TryPeek(out var reading) && reading.Offset < nextOffset)
        {
            ReadingTraces.Durable(_followed.Dequeue().Span);
        }
    }

    /// <summary>The partition was rewound. All batches since the checkpoint are dispatched again.</summary>
    public void Rewound()
    {
        _batches.Clear();
        _followed.Clear();
    }
}
