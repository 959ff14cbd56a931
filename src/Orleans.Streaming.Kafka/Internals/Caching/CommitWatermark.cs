namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// The offset below which every message of a partition is delivered or is a dead letter. It follows the messages in the order of
/// the partition and stops at the first one that a cursor must still pass.
/// </summary>
/// <param name="subscriptions">Subscriptions whose messages are not in a cursor yet; null without a silo.</param>
internal sealed class CommitWatermark(StreamQueues queues, PendingSubscriptions? subscriptions)
{
    private CacheEntry? _newest;
    private CacheEntry? _completed;

    /// <summary>The first message since the last purge. The pulling agent may not have found its subscribers yet.</summary>
    private CacheEntry? _firstUnannounced;

    private bool _hasProgress;
    private bool _hasCompleted;

    /// <summary>The next offset to commit; null if no message is completed yet.</summary>
    public long? Completed => _hasCompleted ? Next : null;

    /// <summary>The first offset that is not completed.</summary>
    public long Next { get; private set; }

    /// <summary>When the oldest message above the watermark came; null without one. Any thread may read it.</summary>
    public long? OldestAddedAt => _completed?.NextInPartition?.AddedAt;

    /// <summary>Number of messages above the watermark.</summary>
    public int Uncommitted { get; private set; }

    /// <summary>Sets the offset where reading starts.</summary>
    public void BeginAt(long offset) => Next = offset;

    public void Append(CacheEntry entry)
    {
        Uncommitted++;
        _firstUnannounced ??= entry;
        if (_newest is null)
        {
            // A placeholder before the first message.
            _completed = new(entry.Queue, entry.Offset - 1, null, 0, entry.AddedAt) { NextInPartition = entry };
        }
        else
        {
            _newest.NextInPartition = entry;
        }

        _newest = entry;
    }

    /// <summary>Notes that the pulling agent has found the subscribers of all messages so far.</summary>
    public void Announced() => _firstUnannounced = null;

    public void Advance()
    {
        while (_completed?.NextInPartition is { Pending: 0, Queue.IsHeld: false } entry
            && !IsUnannounced(entry) && subscriptions?.Has(entry.Queue.Id) is not true)
        {
            _completed = entry;
            entry.Queue.Uncompleted--;
            queues.ForgetIfUnused(entry.Queue);
            Uncommitted--;
            (_hasProgress, _hasCompleted) = (true, true);
            Next = entry.Offset + 1;
        }
    }

    /// <returns>Whether the watermark has advanced since the last call.</returns>
    public bool TakeProgress()
    {
        var hasProgress = _hasProgress;
        _hasProgress = false;
        return hasProgress;
    }

    private bool IsUnannounced(CacheEntry entry) =>
        _firstUnannounced is { } first && entry.Offset >= first.Offset && entry.Queue.Followers == 0;
}
