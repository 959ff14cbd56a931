using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>The messages of a partition in memory, from their arrival to their commit and eviction.</summary>
internal sealed class CachedMessages
{
    private long _unavailableAt = long.MinValue;

    /// <param name="maxRunLength">Maximum number of messages of a stream that one call delivers.</param>
    /// <param name="maxDeliveryTime">How long the agent retries a delivery.</param>
    public CachedMessages(
        KafkaStreamOptions options, KafkaFailurePolicy policy, int maxRunLength, TimeSpan maxDeliveryTime, string partition,
        PendingSubscriptions? subscriptions, TimeProvider clock, ILogger logger)
    {
        (MaxRunLength, MinFailureTime, Clock) = (maxRunLength, maxDeliveryTime / 2, clock);
        Watermark = new(Queues, subscriptions);
        Retention = new(Queues, options.CacheBytes, options.CacheAge, clock);
        Failures = new(policy, Queues, partition, logger);
        Resumptions = new(Queues);
    }

    public int MaxRunLength { get; }

    /// <summary>A delivery that fails within this time was not retried. The rest of the delivery time allows for other clocks.</summary>
    public TimeSpan MinFailureTime { get; }

    public TimeProvider Clock { get; }

    /// <summary>Set before the first message arrives.</summary>
    public ICacheOwner? Owner { get; set; }

    public StreamQueues Queues { get; } = new();

    public CommitWatermark Watermark { get; }

    public CacheRetention Retention { get; }

    public FailedMessages Failures { get; }

    public Resumptions Resumptions { get; }

    /// <summary>Number of purges so far. Nothing is committed or evicted between two purges.</summary>
    public long Purges { get; set; }

    public void Add(KafkaBatchContainer message, int bytes, long now)
    {
        var entry = new CacheEntry(Queues.Of(message.StreamId), message.Offset, message, bytes, now);
        entry.Queue.Append(entry);
        Retention.Add(entry);
        Watermark.Append(entry);
        if (entry.Pending == 0)
        {
            Retention.Release(entry);
        }
    }

    /// <summary>Notes that a cursor has passed a message.</summary>
    public void Pass(CacheEntry entry)
    {
        if (entry is RewindEntry { Rewind: var rewind })
        {
            rewind.Passed();
        }
        else if (--entry.Pending == 0)
        {
            Retention.Release(entry);
        }
    }

    /// <summary>Notes that a subscriber's process cannot read any message now. Any thread may call it.</summary>
    public void FormatUnavailable() => Volatile.Write(ref _unavailableAt, Clock.GetTimestamp());

    /// <param name="since">When the delivery began.</param>
    /// <returns>Whether a subscriber could read no message during a delivery, whose failure then says nothing of its message.</returns>
    public bool WasFormatUnavailable(long since) => Volatile.Read(ref _unavailableAt) >= since;

    /// <summary>Applies the failure policy to the messages of a failed delivery.</summary>
    public void Fail(IEnumerable<CacheEntry> entries, Exception? error) => Failures.Fail(entries, error, Owner!);

    public void Read(Rewind rewind) => Owner!.Read(rewind);

    /// <summary>Notes that a cursor has left a rewind at an offset.</summary>
    public void Resume(StreamQueue queue, long offset)
    {
        queue.Resumptions++;
        Owner!.Resume(new(queue, offset, offset));
    }

    /// <summary>
    /// The first offset for a subscriber whose position in this partition is unknown: the oldest message that a cursor of the stream must
    /// still pass, or else the oldest uncommitted message. A subscriber may get messages twice and misses none.
    /// </summary>
    public long FirstToDeliver(StreamQueue queue)
    {
        // The agent disposes a cursor before it opens the next one for the same subscriber.
        var disposed = queue.LastDisposed is var (offset, purge) && purge == Purges ? offset : (long?)null;
        return queue.FirstPending() is { } pending ? Math.Min(pending, disposed ?? pending) : disposed ?? Watermark.Next;
    }

    public void Advance()
    {
        if (!Failures.IsStopped)
        {
            Watermark.Advance();
        }
    }
}
