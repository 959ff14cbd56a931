using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>Reads messages of a stream that are older than the cache from Kafka again, for the cursors that need them.</summary>
/// <remarks>
/// A separate thread reads. The messages go through the pulling agent as new ones do, and the agent wakes the cursors.
/// </remarks>
internal sealed class Rewind
{
    /// <summary>Maximum number of messages that were read and not yet passed by the cursor.</summary>
    private const int MaxAhead = 1024;

    private readonly Lock _gate = new();
    private Action? _whenSpace;
    private int _ahead;
    private int _cursors;

    /// <param name="from">The first offset to read.</param>
    /// <param name="to">The first offset in the cache when the rewind was requested.</param>
    public Rewind(StreamQueue queue, long from, long to)
    {
        (Queue, From, To, Position) = (queue, from, to, from);
        Last = new(queue, from - 1, null, 0, 0);
    }

    public StreamQueue Queue { get; }

    public StreamId Stream => Queue.Id;

    public long From { get; }

    public long To { get; }

    /// <summary>The next offset to read. The reading threads use it, one after the other.</summary>
    public long Position { get; set; }

    /// <summary>The newest message in the cache; at first a placeholder before the first message.</summary>
    public CacheEntry Last { get; private set; }

    /// <summary>Whether <see cref="Last"/> is the last message of the rewind.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether all cursors have left the rewind.</summary>
    public bool IsAbandoned => Volatile.Read(ref _cursors) == 0;

    public void Join() => Interlocked.Increment(ref _cursors);

    public void Leave() => Interlocked.Decrement(ref _cursors);

    /// <summary>Takes the place of a message.</summary>
    /// <param name="whenSpace">Called once, on any thread, when a cursor that is too far behind has caught up.</param>
    /// <returns>False if the cursor is too far behind.</returns>
    public bool TryReserve(Action whenSpace)
    {
        lock (_gate)
        {
            if (_ahead >= MaxAhead)
            {
                _whenSpace = whenSpace;
                return false;
            }

            _ahead++;
            return true;
        }
    }

    public void Append(KafkaBatchContainer message, long addedAt)
    {
        var entry = new RewindEntry(this, message, addedAt);
        Last.NextInStream = entry;
        Last = entry;
    }

    public void Complete() => IsComplete = true;

    /// <summary>Notes that the cursor has passed a message.</summary>
    public void Passed()
    {
        Action? whenSpace = null;
        lock (_gate)
        {
            if (--_ahead <= MaxAhead / 2)
            {
                (whenSpace, _whenSpace) = (_whenSpace, null);
            }
        }

        whenSpace?.Invoke();
    }
}

/// <summary>A message that was read from Kafka again. Its bytes do not count, because a rewind has its own limit.</summary>
internal sealed class RewindEntry(Rewind rewind, KafkaBatchContainer message, long addedAt)
    : CacheEntry(rewind.Queue, message.Offset, message, 0, addedAt)
{
    public Rewind Rewind => rewind;
}
