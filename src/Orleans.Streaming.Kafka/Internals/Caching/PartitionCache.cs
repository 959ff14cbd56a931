using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// The cache of one partition for its pulling agent: undelivered messages, and for a while delivered ones, for subscriptions that
/// rewind. It is indexed by stream (<see cref="StreamQueue"/>).
/// </summary>
/// <remarks>One pulling agent uses it, one turn at a time, unless a member says otherwise.</remarks>
internal sealed class PartitionCache : IQueueCache
{
    /// <summary>Bytes of memory of a message besides its value.</summary>
    public const int Overhead = 200;

    /// <summary>Bytes of memory of a delivered and evicted message that waits for the commit of an older one.</summary>
    private const int UncommittedOverhead = 64;

    private static readonly TimeSpan PressureSignalInterval = TimeSpan.FromSeconds(30);
    private static readonly IList<IBatchContainer> Progress = [];

    private readonly KafkaStreamOptions _options;
    private readonly int _batchSize;
    private readonly TimeProvider _clock;
    private readonly CachedMessages _messages;
    private long? _lastPressureSignal;

    /// <param name="agents">The options of the pulling agent.</param>
    /// <param name="maxRunLength">Maximum number of messages of a stream that the cache gives to the agent as one.</param>
    public PartitionCache(
        KafkaStreamOptions options, KafkaFailurePolicy policy, StreamPullingAgentOptions agents, int maxRunLength, PartitionSource source,
        TimeProvider clock, ILogger logger, PendingSubscriptions? subscriptions = null)
    {
        (_options, _batchSize, Source, _clock) = (options, agents.BatchContainerBatchSize, source, clock);
        _messages = new(options, policy, maxRunLength, agents.MaxEventDeliveryTime, $"{source}", subscriptions, clock, logger);
    }

    public PartitionSource Source { get; }

    /// <summary>Finds the end of the partition in Kafka; a negative result means that it is unknown.</summary>
    public Func<long>? FindEnd { get; set; }

    /// <summary>Number of undelivered messages, in the cache and in Kafka; null if the end of the partition is unknown.</summary>
    public long? Lag => FindEnd?.Invoke() is { } end and >= 0 ? Math.Max(end - _messages.Watermark.Next, 0) : null;

    /// <summary>How long the oldest undelivered message is in the cache.</summary>
    public TimeSpan CommitDelay => _messages.Watermark.OldestAddedAt is { } added ? _clock.GetElapsedTime(added) : TimeSpan.Zero;

    /// <summary>Set before the first message arrives.</summary>
    public ICacheOwner? Owner
    {
        get => _messages.Owner;
        set => _messages.Owner = value;
    }

    /// <summary>The next offset to commit: every message below it is delivered or is a dead letter; null means none yet.</summary>
    public long? Completed => _messages.Watermark.Completed;

    /// <summary>Whether a failed message has stopped the partition.</summary>
    public bool IsStopped => _messages.Failures.IsStopped;

    /// <summary>Bytes of the cached messages, with <see cref="Overhead"/> for each.</summary>
    public long Bytes => _messages.Retention.Bytes;

    /// <summary>Number of streams with messages or cursors.</summary>
    public int Streams => _messages.Queues.Count;

    /// <summary>Whether the receiver must hold back new messages.</summary>
    public bool IsFull =>
        IsStopped || Bytes > _options.CacheBytes || _messages.Watermark.Uncommitted > _options.CacheBytes / UncommittedOverhead;

    /// <summary>Stays above 0 for a full cache: with 0 the agent would never purge again.</summary>
    public int GetMaxAddCount() => _options.BatchSize;

    /// <summary>
    /// Signals pressure at most every 30 s. The agent logs each signal, and a cache is full all the time while subscribers catch up.
    /// Between signals the receiver holds back.
    /// </summary>
    public bool IsUnderPressure()
    {
        if (!IsFull || (_lastPressureSignal is { } last && _clock.GetElapsedTime(last) < PressureSignalInterval))
        {
            return false;
        }

        _lastPressureSignal = _clock.GetTimestamp();
        return true;
    }

    /// <summary>Notes that a subscriber cannot read any message now. Any thread may call it.</summary>
    public void FormatUnavailable() => _messages.FormatUnavailable();

    /// <summary>Sets the offset where reading starts: the cache has nothing older.</summary>
    public void BeginAt(long offset)
    {
        _messages.Queues.BeginAt(offset);
        _messages.Watermark.BeginAt(offset);
    }

    public void AddToCache(IList<IBatchContainer> messages)
    {
        var now = _clock.GetTimestamp();
        foreach (var container in messages)
        {
            switch (container)
            {
                case KafkaBatchContainer message:
                    _messages.Add(message, Overhead + (message.Value?.Length ?? 0), now);
                    break;
                case RewindMessage { Message: { } message, Rewind: var rewind }:
                    rewind.Append(message, now);
                    break;
                case RewindMessage { Signal: RewindSignal.Resume, Rewind: var rewind }:
                    _messages.Resumptions.Seen(rewind.Queue);
                    break;
                case RewindMessage { Signal: RewindSignal.Completed, Rewind: var rewind }:
                    rewind.Complete();
                    break;
            }
        }
    }

    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        _messages.Purges++;
        _messages.Failures.ReleaseWritten();

        // The agent has found the subscribers of all streams by now, and their cursors are here.
        _messages.Watermark.Announced();
        _messages.Resumptions.Announced();
        _messages.Advance();
        _messages.Retention.Evict();
        purgedItems = Progress;
        return _messages.Watermark.TakeProgress();
    }

    /// <param name="token">The first message; null means new messages only.</param>
    public CacheCursor Open(StreamId streamId, StreamSequenceToken? token)
    {
        var queue = _messages.Queues.Of(streamId);
        if (token is KafkaSequenceToken kafka && Source.IsForeign(kafka))
        {
            // The offset of another partition is meaningless here. A delivery continues with the messages that are still to be delivered.
            // An application has stored a position before the stream came to this partition, so it gets all messages of the stream.
            return Open(queue, kafka.IsOfDelivery ? _messages.FirstToDeliver(queue) : 0, 0);
        }

        return Open(queue, token?.SequenceNumber ?? long.MaxValue, token?.EventIndex ?? 0);
    }

    [Obsolete("Orleans calls TryGetCacheCursor.")]
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) => Open(streamId, token);

    /// <returns>Always a cursor: it reads evicted messages from Kafka again.</returns>
    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursor(StreamId streamId, StreamSequenceToken? token) =>
        QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(Open(streamId, token));

    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursorAtPosition(
        StreamId streamId, StreamSubscriptionStartPosition startPosition)
    {
        var queue = _messages.Queues.Of(streamId);
        var from = startPosition == StreamSubscriptionStartPosition.EarliestAvailable ? queue.CoveredFrom : long.MaxValue;
        return QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(Open(queue, from, 0));
    }

    /// <summary>The agent calls this when it stops, before it disposes its cursors.</summary>
    public void UpdateDeliveryProgress(StreamSequenceToken? earliestSubscriptionToken, DateTime utcNow) => _messages.Advance();

    private CacheCursor Open(StreamQueue queue, long from, int firstEvent) =>
        new(_messages, queue, _batchSize, from, firstEvent);
}
