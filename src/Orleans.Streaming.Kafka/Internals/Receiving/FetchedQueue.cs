using System.Threading.Channels;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>A queue between the reading thread and a pulling agent.</summary>
internal sealed class FetchedQueue
{
    private readonly Channel<Fetched> _channel = Channel.CreateUnbounded<Fetched>(new() { SingleReader = true });
    private Task<bool>? _waiting;

    public void Put(Fetched fetched) => _channel.Writer.TryWrite(fetched);

    public bool TryTake(out Fetched fetched) => _channel.Reader.TryRead(out fetched);

    /// <returns>A task that completes with the next message; the same task until then, because a channel allows one waiter.</returns>
    public Task WhenNotEmpty()
    {
        if (_waiting is null or { IsCompleted: true })
        {
            _waiting = _channel.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        }

        return _waiting;
    }
}
