using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>The messages of one stream in the cache, oldest first.</summary>
internal sealed class StreamQueue
{
    /// <param name="coveredFrom">The cache holds every message of the stream from this offset on.</param>
    public StreamQueue(StreamId id, long coveredFrom)
    {
        Id = id;
        CoveredFrom = coveredFrom;

        // A placeholder without a message: cursors of an empty queue start here.
        Last = new(this, -1, null, 0, 0);
    }

    public StreamId Id { get; }

    /// <summary>The oldest cached message.</summary>
    public CacheEntry? First { get; private set; }

    /// <summary>The newest message that the queue has had, evicted or not. The next message is linked to it.</summary>
    public CacheEntry Last { get; private set; }

    public long CoveredFrom { get; private set; }

    /// <summary>Number of cursors that follow the queue and must pass each new message.</summary>
    public int Followers { get; set; }

    /// <summary>Cursors that started before the cached messages; null means none.</summary>
    public List<IRewoundCursor>? Rewound { get; set; }

    /// <summary>Position of the cursor that was disposed last, and the number of purges before.</summary>
    public (long Offset, long Purge)? LastDisposed { get; set; }

    /// <summary>Number of messages that may not be committed yet, evicted or not.</summary>
    public int Uncompleted { get; set; }

    /// <summary>Number of dead letters of the stream that Kafka has not acknowledged.</summary>
    public int UnwrittenDeadLetters { get; set; }

    /// <summary>Number of rewinds whose cursor has left, and for which the pulling agent has yet to find the subscribers.</summary>
    public int Resumptions { get; set; }

    /// <summary>
    /// Whether none of the messages may be committed, because a cursor in a rewind must still reach them. They are not
    /// <see cref="CacheEntry.Pending"/> for it, so that a long rewind fills no memory.
    /// </summary>
    public bool IsHeld => UnwrittenDeadLetters > 0 || Resumptions > 0 || (Rewound?.Exists(cursor => cursor.IsRewinding) ?? false);

    public bool IsUnused =>
        First is null && Followers == 0 && Uncompleted == 0 && UnwrittenDeadLetters == 0 && Resumptions == 0
        && Rewound is not { Count: > 0 };

    public void Append(CacheEntry entry)
    {
        entry.Pending = Followers;
        Uncompleted++;
        Last.NextInStream = entry;
        Last = entry;
        First ??= entry;
    }

    /// <returns>The oldest cached message from an offset on; null if there is none yet.</returns>
    public CacheEntry? FirstFrom(long offset)
    {
        var entry = First;
        while (entry is not null && entry.Offset < offset)
        {
            entry = entry.NextInStream;
        }

        return entry;
    }

    /// <returns>The oldest offset that a cursor must still pass; null if there is none.</returns>
    public long? FirstPending()
    {
        var entry = First;
        while (entry is { Pending: 0 })
        {
            entry = entry.NextInStream;
        }

        var rewound = Rewound?.Where(cursor => cursor.IsRewinding).Select(cursor => (long?)cursor.Position).Min();
        return rewound is null || rewound > entry?.Offset ? entry?.Offset : rewound;
    }

    /// <summary>Evicts the oldest cached message.</summary>
    public void EvictFirst()
    {
        var entry = First!;
        entry.Message = null;
        CoveredFrom = entry.Offset + 1;
        First = entry.NextInStream;
    }
}

/// <summary>A message in the cache, linked with the next message of its stream and of its partition.</summary>
internal class CacheEntry(StreamQueue queue, long offset, KafkaBatchContainer? message, int bytes, long addedAt)
{
    public StreamQueue Queue => queue;

    public long Offset => offset;

    /// <summary>The cached message. Null after its eviction.</summary>
    public KafkaBatchContainer? Message { get; set; } = message;

    public int Bytes => bytes;

    public long AddedAt => addedAt;

    /// <summary>Number of cursors that have yet to pass the message. Above 0 the message is neither evicted nor committed.</summary>
    public int Pending { get; set; }

    /// <summary>Whether the message waits for eviction.</summary>
    public bool IsReleased { get; set; }

    public CacheEntry? NextInStream { get; set; }

    public CacheEntry? NextInPartition { get; set; }
}

/// <summary>A cursor that started before the cached messages of its stream.</summary>
internal interface IRewoundCursor
{
    /// <summary>Whether the cursor must still pass messages that were read from Kafka again.</summary>
    bool IsRewinding { get; }

    /// <summary>The oldest undelivered offset; <see cref="long.MaxValue"/> if all messages so far are delivered.</summary>
    long Position { get; }

    /// <summary>The oldest undelivered message, if it was read from Kafka again; otherwise null.</summary>
    CacheEntry? OldestReread { get; }
}
