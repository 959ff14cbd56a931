namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>The queues of a partition's streams. A queue exists while it has messages or cursors.</summary>
internal sealed class StreamQueues
{
    private readonly Dictionary<StreamId, StreamQueue> _queues = [];

    /// <summary>The cache may lack messages of a stream without a queue below this offset.</summary>
    private long _forgottenBelow;

    public int Count => _queues.Count;

    /// <summary>Sets the offset where reading starts: the cache has nothing older.</summary>
    public void BeginAt(long offset) => _forgottenBelow = offset;

    public StreamQueue Of(StreamId stream)
    {
        if (!_queues.TryGetValue(stream, out var queue))
        {
            _queues.Add(stream, queue = new(stream, _forgottenBelow));
        }

        return queue;
    }

    public void ForgetIfUnused(StreamQueue queue)
    {
        // A queue that was forgotten before may have a successor.
        if (queue.IsUnused && _queues.TryGetValue(queue.Id, out var known) && known == queue)
        {
            _queues.Remove(queue.Id);
            _forgottenBelow = Math.Max(_forgottenBelow, queue.CoveredFrom);
        }
    }
}
