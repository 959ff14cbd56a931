using System.Threading.Channels;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>What one thread has read and one pulling agent takes, in order.</summary>
internal sealed class FetchedQueue
{
    private readonly Channel<Fetched> _channel = Channel.CreateUnbounded<Fetched>(new() { SingleReader = true });
    private Task<bool>? _waiting;

    public void Put(Fetched fetched) => _channel.Writer.TryWrite(fetched);

    public bool TryTake(out Fetched fetched) => _channel.Reader.TryRead(out fetched);

    /// <summary>Completes when there is something; the same task until then, for there may be one waiter only.</summary>
    public Task WhenNotEmpty()
    {
        if (_waiting is null or { IsCompleted: true })
        {
            _waiting = _channel.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        }

        return _waiting;
    }
}
