using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// The position of a subscription in its stream. It follows the links between the messages of the stream, independent of the number
/// of other streams.
/// </summary>
/// <remarks>
/// The pulling agent asks for a message, delivers it with retries, and asks for the next one: only then has the cursor passed the
/// first. With batches the agent asks several times before it delivers; <see cref="CollectedBatch"/> follows it. Without batches the
/// cursor combines several messages into a <see cref="KafkaMessageRun"/>, because most of a delivery's cost is the call.
/// </remarks>
internal sealed class CacheCursor : IQueueCacheCursor, IRewoundCursor
{
    private readonly CachedMessages _cache;
    private readonly StreamQueue _queue;
    private readonly StreamWalk _walk;
    private readonly int _batchSize;
    private readonly Queue<CacheEntry> _undelivered = new(1);
    private readonly RunLength _runLength;
    private readonly CollectedBatch _batch;

    /// <summary>Index of the first event to deliver, in the message at the first offset.</summary>
    private readonly int _firstEvent;
    private readonly long _firstOffset;
    private IBatchContainer? _current;
    private DeliveryFailure? _failure;
    private long _takenAt;
    private bool _isDisposed;

    /// <param name="from">The first offset; <see cref="long.MaxValue"/> means new messages only.</param>
    public CacheCursor(CachedMessages cache, StreamQueue queue, int batchSize, long from, int firstEvent)
    {
        (_cache, _queue, _batchSize) = (cache, queue, batchSize);
        (_firstOffset, _firstEvent) = (from, firstEvent);
        _batch = new(batchSize);
        _runLength = new(cache.MaxRunLength, cache.Clock);
        _walk = new(cache, queue, from);
        if (!_walk.IsFollowing)
        {
            (queue.Rewound ??= []).Add(this);
        }
    }

    public CacheEntry? OldestReread => _undelivered.TryPeek(out var entry) ? entry as RewindEntry : null;

    public long Position => _undelivered.TryPeek(out var entry) ? entry.Offset : _walk.Position;

    public bool IsRewinding => !_walk.IsFollowing || OldestReread is not null;

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _current;
    }

    public bool MoveNext()
    {
        if (_isDisposed)
        {
            return false;
        }

        if (_failure is { } failure)
        {
            Decide(failure);
        }

        if (_cache.Failures.IsStopped)
        {
            return false;
        }

        if (_batchSize <= 1)
        {
            Settle();
        }
        else if (_batch.IsDelivered)
        {
            PassAllBut(0);
        }

        if (_walk.Next() is not { } entry)
        {
            _batch.End();
            return false;
        }

        _walk.GoTo(entry);
        _batch.Add(isKnown: entry.Offset != _firstOffset);
        PassAllBut(_batchSize - 1);
        _undelivered.Enqueue(entry);
        _takenAt = _cache.Clock.GetTimestamp();
        var isWhole = _firstEvent == 0 || entry.Offset != _firstOffset;
        _current = isWhole ? entry.Message : entry.Message!.From(_firstEvent);
        if (isWhole && _batchSize <= 1)
        {
            ExtendRun(entry);
        }

        return true;
    }

    public QueueCacheCursorMoveResult MoveNextWithResult() =>
        MoveNext() ? QueueCacheCursorMoveResult.Success : QueueCacheCursorMoveResult.NoData;

    /// <summary>Does nothing: new messages are linked to the last one, so the cursor finds them by itself.</summary>
    public void Refresh(StreamSequenceToken token)
    {
    }

    public void RecordDeliveryFailure()
    {
        if (_current is KafkaMessageRun { Count: > 1 and var count })
        {
            // The agent has not retried the run, so each message is tried by itself.
            _runLength.Failed(count);
            DeliverAgain();
        }
        else if (_undelivered.Count > 0)
        {
            _failure = new(DeliveryErrors.TakeLast(), _cache.Clock.GetElapsedTime(_takenAt));
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        var (position, isRewinding) = (Position, IsRewinding);
        _queue.LastDisposed = (position, _cache.Purges);
        PassAllBut(0);
        _walk.End();
        _queue.Rewound?.Remove(this);
        if (isRewinding)
        {
            _cache.Resume(_queue, position);
        }

        _cache.Queues.ForgetIfUnused(_queue);
    }

    /// <summary>Passes the messages of the last call: they are delivered or have failed permanently.</summary>
    private void Settle()
    {
        if (_current is KafkaMessageRun run && run.Count < _undelivered.Count)
        {
            // The run failed, and the agent retried its first message only.
            var first = _undelivered.Dequeue();
            _walk.GoTo(first);
            _runLength.Failed(_undelivered.Count);
            _undelivered.Clear();
            _cache.Pass(first);
        }
        else if (_undelivered.Count > 0)
        {
            _runLength.Delivered(_undelivered.Count);
            PassAllBut(0);
        }

        _current = null;
    }

    /// <summary>
    /// Decides on a failed delivery when the agent asks for more, because only then does the subscription continue. If its client has
    /// left, or if the agent stops, the agent disposes the cursor instead, and the messages stay undelivered until then.
    /// </summary>
    private void Decide(DeliveryFailure failure)
    {
        _failure = null;
        if (failure.After < _cache.MinFailureTime || _cache.WasFormatUnavailable(_takenAt))
        {
            // The agent has not retried, so it wanted to end the subscription and could not. Or a subscriber's process waits for what
            // its format lacks.
            DeliverAgain();
        }
        else
        {
            _cache.Fail(_current is KafkaMessageRun ? _undelivered.Take(1) : _undelivered, failure.Error);
            _batch.Restart();
            if (_batchSize > 1 && !_cache.Failures.IsStopped)
            {
                PassAllBut(0);
            }
        }
    }

    private void DeliverAgain()
    {
        _walk.GoBackTo(_undelivered.Peek());
        _current = null;
        _undelivered.Clear();
        _batch.Restart();
    }

    /// <summary>Combines the message with the following ones, as far as the run length allows.</summary>
    private void ExtendRun(CacheEntry entry)
    {
        if (!_runLength.Start() || entry.NextInStream is null || entry.Message is not { IsPlain: true } first)
        {
            return;
        }

        var bytes = first.Value?.Length ?? 0;
        List<KafkaBatchContainer> messages = [first];
        while (messages.Count < _runLength.Max && bytes < RunLength.MaxBytes
            && entry.NextInStream is { Message: { IsPlain: true } message } next)
        {
            entry = next;
            bytes += message.Value?.Length ?? 0;
            messages.Add(message);
            _walk.GoTo(entry);
            _undelivered.Enqueue(entry);
        }

        if (messages.Count > 1)
        {
            _current = new KafkaMessageRun([.. messages]);
        }
    }

    /// <summary>Passes all messages but the last ones.</summary>
    private void PassAllBut(int count)
    {
        while (_undelivered.Count > count)
        {
            _cache.Pass(_undelivered.Dequeue());
        }
    }

    /// <param name="Error">The exception of the subscriber; null if it is unknown.</param>
    /// <param name="After">Time since the first attempt.</param>
    private sealed record DeliveryFailure(Exception? Error, TimeSpan After);
}
