using System.Threading.Channels;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Caching;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>What was read of a partition and not yet taken by its pulling agent.</summary>
/// <param name="capacity">Messages that it holds before it has no space.</param>
internal sealed class FetchedPartition(TopicPartition partition, int capacity, TimeProvider clock)
{
    private readonly Channel<Fetched> _channel = Channel.CreateUnbounded<Fetched>(new() { SingleReader = true });
    private Task<bool>? _waiting;
    private int _count;

    public TopicPartition Partition => partition;

    /// <summary>By the thread that reads.</summary>
    public bool IsPaused { get; set; }

    public bool HasSpace => Volatile.Read(ref _count) < capacity;

    public bool IsHalfEmpty => Volatile.Read(ref _count) < capacity / 2;

    public void Put(Fetched fetched)
    {
        if (fetched.Rewind is null)
        {
            Interlocked.Increment(ref _count);
        }

        _channel.Writer.TryWrite(fetched);
    }

    public bool TryTake(out Fetched fetched)
    {
        if (!_channel.Reader.TryRead(out fetched))
        {
            return false;
        }

        if (fetched.Rewind is null)
        {
            Interlocked.Decrement(ref _count);
        }

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
internal readonly record struct Fetched(ConsumeResult<byte[]?, byte[]?>? Message, Rewind? Rewind);
