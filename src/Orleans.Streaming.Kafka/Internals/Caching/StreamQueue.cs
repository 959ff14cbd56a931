namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>The messages of one stream in the cache, oldest first.</summary>
internal sealed class StreamQueue
{
    /// <param name="coveredFrom">From which offset on the cache has every message of the stream.</param>
    public StreamQueue(StreamId id, long coveredFrom)
    {
        Id = id;
        CoveredFrom = coveredFrom;

        // No message: a place for cursors to stand while there is none.
        Last = new(this, -1, null, 0, 0);
    }

    public StreamId Id { get; }

    /// <summary>The oldest that is kept.</summary>
    public CacheEntry? First { get; private set; }

    /// <summary>The newest that ever was in the log, kept or not: where the next one is linked to.</summary>
    public CacheEntry Last { get; private set; }

    public long CoveredFrom { get; private set; }

    /// <summary>Cursors that follow the log, and have to get past each new message.</summary>
    public int Followers { get; set; }

    /// <summary>Cursors that began with messages older than the cache's; null: none.</summary>
    public List<CacheCursor>? Rewound { get; set; }

    /// <summary>Messages that may not be committed yet, kept or not.</summary>
    public int Uncompleted { get; set; }

    /// <summary>Dead letters of it that Kafka has not acknowledged.</summary>
    public int UnwrittenLetters { get; set; }

    /// <summary>
    /// None of its messages may be committed: whoever is still in what was read again has yet to come to them, and they are not
    /// <see cref="CacheEntry.Pending"/> for it, so that a long way back fills no memory.
    /// </summary>
    public bool IsHeld => UnwrittenLetters > 0 || (Rewound?.Exists(cursor => cursor.IsRewinding) ?? false);

    public bool IsUnused => First is null && Followers == 0 && Uncompleted == 0 && UnwrittenLetters == 0 && (Rewound is null or { Count: 0 });

    public void Append(CacheEntry entry)
    {
        entry.Pending = Followers;
        Uncompleted++;
        Last.NextInStream = entry;
        Last = entry;
        First ??= entry;
    }

    /// <returns>The oldest that is kept of those from an offset on; null: there is none yet.</returns>
    public CacheEntry? FirstFrom(long offset)
    {
        var entry = First;
        while (entry is not null && entry.Offset < offset)
        {
            entry = entry.NextInStream;
        }

        return entry;
    }

    /// <summary>Drops the oldest that is kept.</summary>
    public void DropFirst()
    {
        var entry = First!;
        entry.Message = null;
        CoveredFrom = entry.Offset + 1;
        First = entry.NextInStream;
    }
}
