using System.Threading.Channels;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Caching;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>What was read of a partition and not yet taken by its pulling agent.</summary>
/// <param name="capacity">Bytes that it holds before it has no space, an overhead with each message included.</param>
internal sealed class FetchedPartition(TopicPartition partition, long capacity, TimeProvider clock)
{
    private readonly Channel<Fetched> _channel = Channel.CreateUnbounded<Fetched>(new() { SingleReader = true });
    private Task<bool>? _waiting;
    private long _bytes;

    public TopicPartition Partition => partition;

    /// <summary>By the thread that reads.</summary>
    public bool IsPaused { get; set; }

    public bool HasSpace => Volatile.Read(ref _bytes) < capacity;

    public bool IsHalfEmpty => Volatile.Read(ref _bytes) < capacity / 2;

    public void Put(Fetched fetched)
    {
        Interlocked.Add(ref _bytes, fetched.Bytes);
        _channel.Writer.TryWrite(fetched);
    }

    public bool TryTake(out Fetched fetched)
    {
        if (!_channel.Reader.TryRead(out fetched))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -fetched.Bytes);
        return true;
    }

    /// <summary>Until there is something, or the time is over.</summary>
    public async ValueTask WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _waiting ??= _channel.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        if (!_waiting.IsCompleted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_waiting, Task.Delay(timeout, clock, stop.Token));
            await stop.CancelAsync();
        }

        if (_waiting.IsCompleted)
        {
            _waiting = null;
        }
    }
}

/// <summary>A message, or the end of a rewind.</summary>
/// <param name="Message">Null: the end of the <paramref name="Rewind"/>.</param>
/// <param name="Rewind">What the message was read again for; null: it was read as it came.</param>
internal readonly record struct Fetched(ConsumeResult<byte[]?, byte[]?>? Message, Rewind? Rewind)
{
    /// <summary>What it counts as read ahead; a rewind has a bound of its own.</summary>
    public int Bytes => Rewind is null ? PartitionCache.Overhead + (Message!.Message.Value?.Length ?? 0) : 0;
}
