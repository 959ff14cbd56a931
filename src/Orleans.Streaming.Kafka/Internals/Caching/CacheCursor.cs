using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Where a subscription stands in its stream. It follows the links between the messages of that stream alone, however many
/// other streams there are.
/// </summary>
/// <remarks>
/// The pulling agent asks for the next message, delivers it, retries, and asks again: only then the cursor has got past the
/// first one. With batches the agent asks several times before it delivers; it does not say when, so the last ones, as many
/// as a batch may have, count as undelivered until two questions in a row have found nothing.
/// Where the agent has no batches the cursor gives it several messages as one, a <see cref="KafkaMessageRun"/>: as many as a
/// subscriber takes in a part of a second, for most of what a delivery costs is the call.
/// </remarks>
internal sealed class CacheCursor : IQueueCacheCursor
{
    /// <summary>A run should not take longer: then the next ones are shorter.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of a run after which no message is added.</summary>
    private const int MostBytes = 64 * 1024;

    private readonly PartitionCache _cache;
    private readonly StreamQueue _log;
    private readonly int _batchSize;
    private readonly Queue<CacheEntry> _undelivered = new(1);

    /// <summary>No event before this one is wanted.</summary>
    private readonly int _firstEvent;

    private readonly long _firstOffset;
    private long _from;
    private CacheEntry _last;
    private CacheEntry? _next;
    private IBatchContainer? _current;

    /// <summary>Messages that the next run may have.</summary>
    private int _limit = 1;

    /// <summary>So many are delivered one by one, for one of them has failed.</summary>
    private int _singly;

    private long _givenAt;
    private Rewind? _rewind;
    private bool _isFollowing;
    private bool _foundNothing;
    private bool _isDisposed;

    private CacheCursor(PartitionCache cache, StreamQueue log, int batchSize, long from, int firstEvent)
    {
        (_cache, _log, _batchSize) = (cache, log, batchSize);
        (_from, _firstOffset, _firstEvent) = (from, from, firstEvent);
        _last = log.Last;
    }

    /// <summary>What was read from Kafka again and is not known to be delivered, oldest first; null: nothing.</summary>
    private CacheEntry? OldestReread => _undelivered.TryPeek(out var entry) && entry.Message is { Rewind: not null } ? entry : null;

    /// <summary>It has not got past everything that was read from Kafka again.</summary>
    public bool IsRewinding => !_isFollowing || OldestReread is not null;

    /// <param name="from">The first offset; <see cref="long.MaxValue"/>: what is added from now on.</param>
    public static CacheCursor Open(PartitionCache cache, StreamQueue log, int batchSize, long from, int firstEvent)
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
        return _current;
    }

    public bool MoveNext()
    {
        if (_isDisposed || _cache.IsStopped)
        {
            return false;
        }

        if (_batchSize <= 1)
        {
            Settle();
        }

        if (Next() is not { } entry)
        {
            if (_foundNothing)
            {
                Deliver(0);
            }

            _foundNothing = true;
            return false;
        }

        _foundNothing = false;
        Take(entry);
        Deliver(_batchSize - 1);
        _undelivered.Enqueue(entry);
        var isWhole = _firstEvent == 0 || entry.Offset != _firstOffset;
        _current = isWhole ? entry.Message : entry.Message!.From(_firstEvent);
        if (isWhole && _batchSize <= 1)
        {
            AddToRun(entry);
        }

        return true;
    }

    public QueueCacheCursorMoveResult MoveNextWithResult() => MoveNext() ? QueueCacheCursorMoveResult.Success : QueueCacheCursorMoveResult.NoData;

    /// <summary>New messages are linked to the last one, so there is nothing to look for.</summary>
    public void Refresh(StreamSequenceToken token)
    {
    }

    public void RecordDeliveryFailure()
    {
        if (_current is not KafkaMessageRun { Count: var count })
        {
            _cache.Fail(_undelivered);
        }
        else if (count == 1)
        {
            _cache.Fail(_undelivered.Take(1));
        }
        else
        {
            // It was not tried again: each by itself, then.
            (_next, _singly, _limit, _current) = (_undelivered.Peek(), count, 1, null);
            _undelivered.Clear();
        }
    }

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

    /// <summary>What the agent was given before is delivered, or has failed for good.</summary>
    private void Settle()
    {
        if (_current is KafkaMessageRun run && run.Count < _undelivered.Count)
        {
            // A part of the run was not taken, and only the first one was tried again.
            var first = _undelivered.Dequeue();
            (_last, _next, _singly, _limit) = (first, null, _undelivered.Count, 1);
            _undelivered.Clear();
            _cache.Pass(first);
        }
        else if (_undelivered.Count > 0)
        {
            if (_singly == 0 && _undelivered.Count >= _limit)
            {
                var elapsed = _cache.Clock.GetElapsedTime(_givenAt);
                _limit = elapsed < LongestRun / 2 ? Math.Min(_limit * 2, _cache.MostAtOnce) : elapsed > LongestRun ? Math.Max(_limit / 2, 1) : _limit;
            }

            Deliver(0);
        }

        _current = null;
    }

    private void Take(CacheEntry entry) => (_last, _next) = (entry, null);

    /// <summary>Makes a run of what follows, as far as it may.</summary>
    private void AddToRun(CacheEntry entry)
    {
        _givenAt = _cache.Clock.GetTimestamp();
        if (_singly > 0)
        {
            _singly--;
            return;
        }

        if (_limit == 1 || entry.NextInStream is null || entry.Message is not { IsPlain: true } first)
        {
            return;
        }

        var bytes = first.Value?.Length ?? 0;
        List<KafkaBatchContainer> messages = [first];
        while (messages.Count < _limit && bytes < MostBytes && entry.NextInStream is { Message: { IsPlain: true } message } next)
        {
            entry = next;
            bytes += message.Value?.Length ?? 0;
            messages.Add(message);
            Take(entry);
            _undelivered.Enqueue(entry);
        }

        if (messages.Count > 1)
        {
            _current = new KafkaMessageRun([.. messages]);
        }
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
