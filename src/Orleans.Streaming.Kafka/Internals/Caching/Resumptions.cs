namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Streams whose cursor has left in a rewind. The pulling agent drops a stream without messages; it reads no heartbeats while it waits
/// for the subscribers of other streams. A dropped subscriber has not received the messages that its cursor was to come to, so they
/// are not committed until the agent has seen the stream again.
/// </summary>
internal sealed class Resumptions(StreamQueues queues)
{
    private readonly List<StreamQueue> _seen = [];

    /// <summary>Notes that the agent has the stream again, and looks for its subscribers.</summary>
    public void Seen(StreamQueue queue) => _seen.Add(queue);

    /// <summary>Notes that the agent has found the subscribers of all streams so far.</summary>
    public void Announced()
    {
        foreach (var queue in _seen)
        {
            queue.Resumptions--;
            queues.ForgetIfUnused(queue);
        }

        _seen.Clear();
    }
}
