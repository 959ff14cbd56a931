namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Walks through the messages of a stream from an offset on: through those that are read from Kafka again, and then through the cache.
/// </summary>
internal sealed class StreamWalk
{
    private readonly CachedMessages _cache;
    private readonly StreamQueue _queue;
    private long _from;
    private CacheEntry _last;
    private CacheEntry? _next;
    private Rewind? _rewind;

    /// <param name="from">The first offset; <see cref="long.MaxValue"/> means new messages only.</param>
    public StreamWalk(CachedMessages cache, StreamQueue queue, long from)
    {
        (_cache, _queue, _from, _last) = (cache, queue, from, queue.Last);
        if (from == long.MaxValue)
        {
            _from = 0;
            IsFollowing = true;
            queue.Followers++;
        }
        else if (from >= queue.CoveredFrom)
        {
            Follow();
        }
        else if (queue.Rewound?.Select(rewound => rewound.OldestReread).FirstOrDefault(entry => entry?.Offset <= from) is RewindEntry other)
        {
            // A subscriber that acknowledges an earlier position gets a new cursor where another one stands already.
            Attach(other.Rewind, other);
        }
        else
        {
            Reread(from);
        }
    }

    /// <summary>Whether the walk has come to the cache, and must pass each new message.</summary>
    public bool IsFollowing { get; private set; }

    /// <summary>The next offset; <see cref="long.MaxValue"/> at the end of the cache.</summary>
    public long Position => (_next ?? _last.NextInStream) is { } next ? Math.Max(next.Offset, _from)
        : IsFollowing ? long.MaxValue : Math.Max(_last.Offset + 1, _from);

    /// <returns>The next message; null if there is none yet.</returns>
    public CacheEntry? Next()
    {
        while (true)
        {
            var entry = _next ?? _last.NextInStream;
            while (entry is not null && entry.Offset < _from)
            {
                _cache.Pass(entry);
                GoTo(entry);
                entry = entry.NextInStream;
            }

            if (entry is not null)
            {
                return entry;
            }

            if (_rewind is not { IsComplete: true } rewind || _last != rewind.Last)
            {
                return null;
            }

            _rewind = null;
            _from = rewind.To;
            if (_queue.CoveredFrom <= _from)
            {
                Follow();
            }
            else
            {
                // The cache has evicted more messages during the rewind.
                Reread(_from);
            }

            rewind.Leave();
        }
    }

    /// <summary>Continues after a message.</summary>
    public void GoTo(CacheEntry entry) => (_last, _next) = (entry, null);

    /// <summary>Continues with a message that was taken before.</summary>
    public void GoBackTo(CacheEntry entry) => _next = entry;

    /// <summary>Passes the rest of the messages.</summary>
    public void End()
    {
        if (IsFollowing)
        {
            _queue.Followers--;
            for (var entry = _next ?? _last.NextInStream; entry is not null; entry = entry.NextInStream)
            {
                _cache.Pass(entry);
            }
        }

        _rewind?.Leave();
    }

    private void Follow()
    {
        IsFollowing = true;
        _queue.Followers++;
        _last = _queue.Last;
        _next = _queue.FirstFrom(_from);
        for (var entry = _next; entry is not null; entry = entry.NextInStream)
        {
            entry.Pending++;
        }
    }

    private void Reread(long from)
    {
        var rewind = new Rewind(_queue, from, _queue.CoveredFrom);
        Attach(rewind, null);
        _last = rewind.Last;
        _cache.Read(rewind);
    }

    private void Attach(Rewind rewind, CacheEntry? at)
    {
        _rewind = rewind;
        rewind.Join();
        _next = at;
    }
}
