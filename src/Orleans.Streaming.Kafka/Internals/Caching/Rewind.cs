namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Messages of a stream that are older than the cache and are read from Kafka again, for the cursors that asked for them.
/// </summary>
/// <remarks>A thread of its own reads; what it has read goes the way of new messages through the pulling agent, which wakes the cursors.</remarks>
internal sealed class Rewind
{
    /// <summary>Read, and not yet passed by the cursor.</summary>
    private const int MostAhead = 1024;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private int _ahead;
    private int _cursors;

    /// <param name="from">The first offset to read.</param>
    /// <param name="to">The first one that the cache had when it was asked.</param>
    public Rewind(StreamQueue log, long from, long to)
    {
        (Log, From, To) = (log, from, to);
        Last = new(log, from - 1, null, 0, 0);
    }

    public StreamQueue Log { get; }

    public StreamId Stream => Log.Id;

    public long From { get; }

    public long To { get; }

    /// <summary>The newest that the pulling agent has taken over; at first a place before all of them.</summary>
    public CacheEntry Last { get; private set; }

    /// <summary>Nothing follows <see cref="Last"/>.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Nobody waits for it any more.</summary>
    public bool IsAbandoned => Volatile.Read(ref _cursors) == 0;

    public void Join() => Interlocked.Increment(ref _cursors);

    public void Leave()
    {
        Interlocked.Decrement(ref _cursors);
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>For the thread that reads: waits until the cursor is near enough.</summary>
    /// <param name="look">Done every now and then meanwhile.</param>
    public void AwaitSpace(Action look, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (_ahead >= MostAhead && !IsAbandoned && !cancellationToken.IsCancellationRequested)
            {
                Monitor.Wait(_gate, LookInterval);
                look();
            }

            _ahead++;
        }
    }

    public void Append(CacheEntry entry)
    {
        Last.NextInStream = entry;
        Last = entry;
    }

    public void Complete() => IsComplete = true;

    /// <summary>The cursor got past one.</summary>
    public void Passed()
    {
        lock (_gate)
        {
            _ahead--;
            Monitor.Pulse(_gate);
        }
    }
}
