namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Keeps delivered messages for subscriptions that rewind, and evicts them by age and by size, in the order of their delivery.
/// </summary>
internal sealed class CacheRetention(StreamQueues queues, long capacity, TimeSpan maxAge, TimeProvider clock)
{
    /// <summary>
    /// Delivered messages may fill this part of the cache. A rewind can read older ones from Kafka, and every garbage collection
    /// visits those in memory.
    /// </summary>
    private const int DeliveredShare = 4;

    private readonly Queue<CacheEntry> _released = [];

    /// <summary>Bytes of the cached messages, with an overhead for each.</summary>
    public long Bytes { get; private set; }

    public void Add(CacheEntry entry) => Bytes += entry.Bytes;

    /// <summary>Allows the eviction of a delivered message.</summary>
    public void Release(CacheEntry entry)
    {
        if (!entry.IsReleased && entry.Message is not null)
        {
            entry.IsReleased = true;
            _released.Enqueue(entry);
        }
    }

    public void Evict()
    {
        while (_released.TryPeek(out var entry) && (Bytes > capacity / DeliveredShare || clock.GetElapsedTime(entry.AddedAt) > maxAge))
        {
            _released.Dequeue();
            entry.IsReleased = false;
            if (entry.Pending == 0)
            {
                EvictThrough(entry);
            }
        }
    }

    /// <summary>
    /// Evicts a message and those before it in its stream: a cursor that had yet to pass one of them would have to pass this message
    /// too.
    /// </summary>
    private void EvictThrough(CacheEntry entry)
    {
        while (entry.Message is not null)
        {
            Bytes -= entry.Queue.First!.Bytes;
            entry.Queue.EvictFirst();
        }

        queues.ForgetIfUnused(entry.Queue);
    }
}
