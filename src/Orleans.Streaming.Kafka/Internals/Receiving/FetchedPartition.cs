using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Caching;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>What was read of a partition and not yet taken by its pulling agent.</summary>
/// <param name="capacity">Bytes that it holds before it has no space, an overhead with each message included.</param>
internal sealed class FetchedPartition(TopicPartition partition, long capacity, TimeProvider clock)
{
    private readonly FetchedQueue _new = new();
    private readonly FetchedQueue _again = new();
    private long _bytes;

    public TopicPartition Partition => partition;

    /// <summary>By the thread that reads.</summary>
    public bool IsPaused { get; set; }

    public bool HasSpace => Volatile.Read(ref _bytes) < capacity;

    public bool IsHalfEmpty => Volatile.Read(ref _bytes) < capacity / 2;

    public void Put(Fetched fetched)
    {
        if (fetched.Rewind is not null)
        {
            _again.Put(fetched);
            return;
        }

        Interlocked.Add(ref _bytes, fetched.Bytes);
        _new.Put(fetched);
    }

    /// <summary>Of what was read for a rewind. It has a bound of its own, and is taken however full the cache is: what has filled it may wait for that.</summary>
    public bool TryTakeAgain(out Fetched fetched) => _again.TryTake(out fetched);

    /// <summary>Of what was read as it came.</summary>
    public bool TryTake(out Fetched fetched)
    {
        if (!_new.TryTake(out fetched))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -fetched.Bytes);
        return true;
    }

    /// <summary>Until there is something, or the time is over.</summary>
    public async ValueTask WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (comes, again) = (_new.WhenNotEmpty(), _again.WhenNotEmpty());
        if (!comes.IsCompleted && !again.IsCompleted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(comes, again, Task.Delay(timeout, clock, stop.Token));
            await stop.CancelAsync();
        }
    }
}

/// <summary>A message, or a sign of a rewind.</summary>
/// <param name="Message">Null: a sign.</param>
/// <param name="Rewind">What the message was read again for; null: it was read as it came.</param>
/// <param name="Sign">Of the <paramref name="Rewind"/>.</param>
internal readonly record struct Fetched(ConsumeResult<byte[]?, byte[]?>? Message, Rewind? Rewind, RewindSignal Sign = RewindSignal.None)
{
    /// <summary>What it counts as read ahead.</summary>
    public int Bytes => PartitionCache.Overhead + (Message!.Message.Value?.Length ?? 0);
}
