using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// The messages of one partition: those that are not delivered yet, and for a while those that are, for subscriptions that
/// rewind. Each stream finds its own by itself (<see cref="StreamQueue"/>).
/// </summary>
/// <remarks>Used by one pulling agent, hence by one turn at a time, except where it is said.</remarks>
/// <param name="batchSize">Messages that the agent collects before it delivers.</param>
/// <param name="mostAtOnce">Messages of a stream that the cache may give to the agent as one.</param>
internal sealed partial class PartitionCache(
    KafkaStreamOptions options, int batchSize, int mostAtOnce, string partition, TimeProvider clock, ILogger logger) : IQueueCache
{
    /// <summary>What a message costs beside its bytes.</summary>
    public const int Overhead = 200;

    /// <summary>What one costs that was delivered and dropped, but not committed, since an older one is in the way.</summary>
    private const int UncommittedOverhead = 64;

    /// <summary>
    /// Delivered messages are dropped while the cache is fuller than a part in so many: whoever rewinds to them can read
    /// them again, and as long as they are here every collection of garbage has to look at them.
    /// </summary>
    private const int ShareOfDelivered = 4;

    private static readonly TimeSpan SignalInterval = TimeSpan.FromSeconds(30);
    private static readonly IList<IBatchContainer> Progress = [];

    private readonly Dictionary<StreamId, StreamQueue> _logs = [];

    /// <summary>Delivered, in the order of that.</summary>
    private readonly Queue<CacheEntry> _line = [];

    private readonly ConcurrentQueue<CacheEntry> _deadLettered = [];
    private CacheEntry? _newest;
    private CacheEntry? _completed;

    /// <summary>The first of those that came after the last purge: the pulling agent may not have told their streams' subscribers.</summary>
    private CacheEntry? _firstFresh;

    private long _forgottenBelow;
    private int _uncommitted;
    private bool _hasProgress;
    private long? _lastSignal;

    /// <summary>Messages of a stream that may be delivered in one call.</summary>
    public int MostAtOnce => mostAtOnce;

    public TimeProvider Clock => clock;

    /// <summary>Who reads and buries for it; set before it is used.</summary>
    public ICacheOwner? Owner { get; set; }

    /// <summary>Every message below this offset was delivered to whoever subscribes to it, or is a dead letter; null: none yet.</summary>
    public long? Completed { get; private set; }

    /// <summary>A message could not be delivered, and no more are.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Of the messages that are kept, with <see cref="Overhead"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Streams that have messages or cursors.</summary>
    public int Streams => _logs.Count;

    /// <summary>Not 0 when it is full: the agent would never purge again.</summary>
    public int GetMaxAddCount() => options.BatchSize;

    /// <summary>The receiver brings nothing more.</summary>
    public bool IsFull => IsStopped || Bytes > options.CacheBytes || _uncommitted > options.CacheBytes / UncommittedOverhead;

    /// <summary>
    /// Signalled now and then: the agent logs it each time, and a cache is full all the time while subscribers catch up. In
    /// between the receiver holds back.
    /// </summary>
    public bool IsUnderPressure()
    {
        if (!IsFull || (_lastSignal is { } last && clock.GetElapsedTime(last) < SignalInterval))
        {
            return false;
        }

        _lastSignal = clock.GetTimestamp();
        return true;
    }

    /// <summary>Where reading begins: the cache has nothing older.</summary>
    public void BeginAt(long offset) => _forgottenBelow = offset;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        var now = clock.GetTimestamp();
        foreach (var message in messages.Cast<KafkaBatchContainer>())
        {
            switch (message)
            {
                case { Rewind: null }:
                    Add(message, now);
                    break;
                case { Sign: RewindSignal.None, Rewind: { } rewind }:
                    rewind.Append(new(rewind.Log, message.Offset, message, 0, now));
                    break;
                case { Sign: RewindSignal.Completed, Rewind: { } rewind }:
                    rewind.Complete();
                    break;
            }
        }
    }

    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        while (_deadLettered.TryDequeue(out var buried))
        {
            buried.Log.UnwrittenLetters--;
            ForgetIfUnused(buried.Log);
        }

        // The agent has asked for the subscribers of all streams, and their cursors are here.
        _firstFresh = null;
        Advance();
        while (_line.TryPeek(out var entry) && (Bytes > options.CacheBytes / ShareOfDelivered || clock.GetElapsedTime(entry.AddedAt) > options.CacheAge))
        {
            _line.Dequeue();
            entry.IsInLine = false;
            if (entry.Pending == 0)
            {
                Drop(entry);
            }
        }

        purgedItems = Progress;
        var hasProgress = _hasProgress;
        _hasProgress = false;
        return hasProgress;
    }

    /// <param name="token">Null: with what is added from now on.</param>
    public CacheCursor Open(StreamId streamId, StreamSequenceToken? token) =>
        CacheCursor.Open(this, LogOf(streamId), batchSize, token?.SequenceNumber ?? long.MaxValue, token?.EventIndex ?? 0);

    [Obsolete("Orleans calls TryGetCacheCursor.")]
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) => Open(streamId, token);

    /// <returns>Always a cursor: what the cache has not, it has read from Kafka again.</returns>
    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursor(StreamId streamId, StreamSequenceToken? token) =>
        QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(Open(streamId, token));

    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursorAtPosition(StreamId streamId, StreamSubscriptionStartPosition startPosition)
    {
        var log = LogOf(streamId);
        return QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(CacheCursor.Open(
            this, log, batchSize, startPosition == StreamSubscriptionStartPosition.EarliestAvailable ? log.CoveredFrom : long.MaxValue, 0));
    }

    /// <summary>The agent stops: its cursors go, whatever they have delivered.</summary>
    public void UpdateDeliveryProgress(StreamSequenceToken? earliestSubscriptionToken, DateTime utcNow) => Advance();

    /// <summary>A cursor has got past a message.</summary>
    public void Pass(CacheEntry entry)
    {
        if (entry.Message is { Rewind: { } rewind })
        {
            rewind.Passed();
        }
        else if (--entry.Pending == 0)
        {
            LineUp(entry);
        }
    }

    /// <summary>A subscriber could not be brought to take a message, or one of several.</summary>
    public void Fail(IEnumerable<CacheEntry> entries)
    {
        var error = DeliveryErrors.TakeLast();
        if (error is ClientNotAvailableException)
        {
            // Its subscription ends with it.
            return;
        }

        foreach (var entry in entries)
        {
            if (options.FailurePolicy == KafkaFailurePolicy.StopPartition)
            {
                if (!IsStopped)
                {
                    IsStopped = true;
                    LogStopped(logger, partition, entry.Offset, entry.Log.Id, error);
                }

                return;
            }

            entry.Log.UnwrittenLetters++;
            Owner!.WriteDeadLetter(entry.Message!, error, () => _deadLettered.Enqueue(entry));
        }
    }

    public void Read(Rewind rewind) => Owner!.Read(rewind);

    public void ForgetIfUnused(StreamQueue log)
    {
        // One that was forgotten before may have a successor.
        if (log.IsUnused && _logs.TryGetValue(log.Id, out var known) && known == log)
        {
            _logs.Remove(log.Id);
            _forgottenBelow = Math.Max(_forgottenBelow, log.CoveredFrom);
        }
    }

    private void Add(KafkaBatchContainer message, long now)
    {
        var entry = new CacheEntry(LogOf(message.StreamId), message.Offset, message, Overhead + (message.Value?.Length ?? 0), now);
        entry.Log.Append(entry);
        Bytes += entry.Bytes;
        _uncommitted++;
        _firstFresh ??= entry;
        if (_newest is null)
        {
            // A place before the first.
            _completed = new(entry.Log, message.Offset - 1, null, 0, now) { NextInPartition = entry };
        }
        else
        {
            _newest.NextInPartition = entry;
        }

        _newest = entry;
        if (entry.Pending == 0)
        {
            LineUp(entry);
        }
    }

    private void Advance()
    {
        while (!IsStopped && _completed?.NextInPartition is { Pending: 0, Log.IsHeld: false } entry && !IsUnannounced(entry))
        {
            _completed = entry;
            entry.Log.Uncompleted--;
            ForgetIfUnused(entry.Log);
            _uncommitted--;
            _hasProgress = true;
            Completed = entry.Offset + 1;
        }
    }

    private bool IsUnannounced(CacheEntry entry) => _firstFresh is { } fresh && entry.Offset >= fresh.Offset && entry.Log.Followers == 0;

    private void LineUp(CacheEntry entry)
    {
        if (!entry.IsInLine && entry.Message is not null)
        {
            entry.IsInLine = true;
            _line.Enqueue(entry);
        }
    }

    /// <summary>With those before it in its stream: whoever has yet to get past one of them would have to get past this one, too.</summary>
    private void Drop(CacheEntry entry)
    {
        while (entry.Message is not null)
        {
            Bytes -= entry.Log.First!.Bytes;
            entry.Log.DropFirst();
        }

        ForgetIfUnused(entry.Log);
    }

    private StreamQueue LogOf(StreamId stream)
    {
        if (!_logs.TryGetValue(stream, out var log))
        {
            _logs.Add(stream, log = new(stream, _forgottenBelow));
        }

        return log;
    }

    [LoggerMessage(6071, LogLevel.Error, "Partition {Partition} is stopped: the message at offset {Offset}, of the stream {Stream}, could not be delivered. It is tried again when the silo or the stream provider's agents are started again")]
    private static partial void LogStopped(ILogger logger, string partition, long offset, StreamId stream, Exception? error);
}
