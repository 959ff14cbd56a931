using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Where a subscription stands in its stream. It follows the links between the messages of that stream alone, however many
/// other streams there are.
/// </summary>
/// <remarks>
/// The pulling agent asks for the next message, delivers it, retries, and asks again: only then the cursor has got past the
/// first one. With batches the agent asks several times before it delivers; it does not say when, so the last ones, as many
/// as a batch may have, count as undelivered until two questions in a row have found nothing.
/// </remarks>
internal sealed class CacheCursor : IQueueCacheCursor
{
    private readonly PartitionCache _cache;
    private readonly StreamLog _log;
    private readonly int _batchSize;
    private readonly Queue<CacheEntry> _undelivered = new(1);

    /// <summary>No event before this one is wanted.</summary>
    private readonly int _firstEvent;

    private readonly long _firstOffset;
    private long _from;
    private CacheEntry _last;
    private CacheEntry? _next;
    private CacheEntry? _current;
    private Rewind? _rewind;
    private bool _isFollowing;
    private bool _foundNothing;
    private bool _isDisposed;

    private CacheCursor(PartitionCache cache, StreamLog log, int batchSize, long from, int firstEvent)
    {
        (_cache, _log, _batchSize) = (cache, log, batchSize);
        (_from, _firstOffset, _firstEvent) = (from, from, firstEvent);
        _last = log.Last;
    }

    /// <summary>What was read from Kafka again and is not known to be delivered, oldest first; null: nothing.</summary>
    private CacheEntry? OldestReread => _undelivered.TryPeek(out var entry) && entry.Message is { Rewind: not null } ? entry : null;

    /// <param name="from">The first offset; <see cref="long.MaxValue"/>: what is added from now on.</param>
    public static CacheCursor Open(PartitionCache cache, StreamLog log, int batchSize, long from, int firstEvent)
    {
        if (from == long.MaxValue)
        {
            var latest = new CacheCursor(cache, log, batchSize, 0, 0) { _isFollowing = true };
            log.Followers++;
            return latest;
        }

        var cursor = new CacheCursor(cache, log, batchSize, from, firstEvent);
        if (from >= log.CoveredFrom)
        {
            cursor.Follow();
        }
        else
        {
            // Another one stands just there when a subscriber answers that it has had what it is given.
            var other = log.Rewound?.Select(rewound => rewound.OldestReread).FirstOrDefault(entry => entry?.Offset <= from);
            if (other is { Message.Rewind: { } shared })
            {
                cursor.Attach(shared, other);
            }
            else
            {
                cursor.Reread(from);
            }

            (log.Rewound ??= []).Add(cursor);
        }

        return cursor;
    }

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _current?.Message is { } message && _firstEvent > 0 && message.Offset == _firstOffset ? message.From(_firstEvent) : _current?.Message;
    }

    public bool MoveNext()
    {
        if (_isDisposed || _cache.IsStopped)
        {
            return false;
        }

        if (Next() is not { } entry)
        {
            if (_batchSize <= 1 || _foundNothing)
            {
                Deliver(0);
            }

            _foundNothing = true;
            return false;
        }

        _foundNothing = false;
        (_last, _next, _current) = (entry, null, entry);
        Deliver(_batchSize - 1);
        _undelivered.Enqueue(entry);
        return true;
    }

    public QueueCacheCursorMoveResult MoveNextWithResult() => MoveNext() ? QueueCacheCursorMoveResult.Success : QueueCacheCursorMoveResult.NoData;

    /// <summary>New messages are linked to the last one, so there is nothing to look for.</summary>
    public void Refresh(StreamSequenceToken token)
    {
    }

    public void RecordDeliveryFailure() => _cache.Fail(_undelivered);

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Deliver(0);
        if (_isFollowing)
        {
            _log.Followers--;
            for (var entry = _next ?? _last.NextInStream; entry is not null; entry = entry.NextInStream)
            {
                _cache.Pass(entry);
            }
        }

        _rewind?.Leave();
        _log.Rewound?.Remove(this);
        _cache.ForgetIfUnused(_log);
    }

    private CacheEntry? Next()
    {
        while (true)
        {
            var entry = _next ?? _last.NextInStream;
            while (entry is not null && entry.Offset < _from)
            {
                _cache.Pass(entry);
                (_last, _next) = (entry, null);
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
            if (_log.CoveredFrom <= _from)
            {
                Follow();
            }
            else
            {
                // The cache has moved on meanwhile.
                Reread(_from);
            }

            rewind.Leave();
        }
    }

    private void Follow()
    {
        _isFollowing = true;
        _log.Followers++;
        _last = _log.Last;
        _next = _log.FirstFrom(_from);
        for (var entry = _next; entry is not null; entry = entry.NextInStream)
        {
            entry.Pending++;
        }
    }

    private void Reread(long from)
    {
        var rewind = new Rewind(_log, from, _log.CoveredFrom);
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

    /// <summary>All but the last ones were delivered, or have failed for good.</summary>
    private void Deliver(int except)
    {
        while (_undelivered.Count > except)
        {
            _cache.Pass(_undelivered.Dequeue());
        }
    }
}
