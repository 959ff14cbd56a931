using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>The messages of a partition that were fetched and not yet taken by its pulling agent.</summary>
/// <param name="capacity">Limit of the fetched bytes, with an overhead for each message.</param>
internal sealed class FetchedPartition(TopicPartition partition, long capacity, TimeProvider clock)
{
    private readonly FetchedQueue _new = new();
    private readonly FetchedQueue _rewound = new();
    private long _bytes;

    public TopicPartition Partition => partition;

    /// <summary>The next offset to fetch. The reading thread sets it.</summary>
    public long Next { get; set; }

    /// <summary>The end of the partition as the client knows it; negative if it does not. The reading thread sets it.</summary>
    public long End { get; set; } = -1;

    /// <summary>Whether the client fetches nothing, because the agent is behind. The reading thread sets it.</summary>
    public bool IsPaused { get; private set; }

    public bool HasSpace => Volatile.Read(ref _bytes) < capacity;

    public bool IsHalfEmpty => Volatile.Read(ref _bytes) < capacity / 2;

    public void Put(Fetched fetched)
    {
        if (fetched.Rewind is not null)
        {
            _rewound.Put(fetched);
            return;
        }

        Interlocked.Add(ref _bytes, fetched.Bytes);
        _new.Put(fetched);
    }

    /// <summary>
    /// Takes a message of a rewind. A rewind has its own limit and continues with a full cache, because the messages in the cache may
    /// wait for it.
    /// </summary>
    public bool TryTakeRewound(out Fetched fetched) => _rewound.TryTake(out fetched);

    /// <summary>Takes a message of the first pass.</summary>
    public bool TryTake(out Fetched fetched)
    {
        if (!_new.TryTake(out fetched))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -fetched.Bytes);
        return true;
    }

    /// <summary>Waits for a message, up to a timeout.</summary>
    public async ValueTask WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (hasNew, hasRewound) = (_new.WhenNotEmpty(), _rewound.WhenNotEmpty());
        if (!hasNew.IsCompleted && !hasRewound.IsCompleted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(hasNew, hasRewound, Task.Delay(timeout, clock, stop.Token));
            await stop.CancelAsync();
        }
    }

    public void Pause(IConsumer<byte[]?, byte[]?> consumer)
    {
        IsPaused = true;
        consumer.Pause([partition]);
    }

    public void ResumeIfHalfEmpty(IConsumer<byte[]?, byte[]?> consumer)
    {
        if (IsPaused && IsHalfEmpty)
        {
            IsPaused = false;
            consumer.Resume([partition]);
        }
    }

    /// <summary>Notes that a new consumer has the partition.</summary>
    public void Assigned() => IsPaused = false;

    public void Unassign(IConsumer<byte[]?, byte[]?> consumer)
    {
        if (IsPaused)
        {
            // The client would keep the partition paused after its next assignment.
            IsPaused = false;
            consumer.Resume([partition]);
        }

        consumer.IncrementalUnassign([partition]);
    }
}
