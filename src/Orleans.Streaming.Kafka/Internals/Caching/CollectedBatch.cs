namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// Follows the pulling agent while it collects the messages of a batch. The agent delivers a full batch, or what it has when a request
/// finds nothing, and makes the next request after the delivery.
/// </summary>
internal sealed class CollectedBatch(int size)
{
    /// <summary>
    /// Number of messages that the agent has collected; null if it is unknown. An agent that looks for a position drops the message at the
    /// position, or collects it, and the cursor cannot tell.
    /// </summary>
    private int? _count = 0;

    private bool _hasEnded;

    /// <summary>Whether the next request shows that all messages so far were delivered.</summary>
    public bool IsDelivered => _hasEnded || _count == size;

    /// <param name="isKnown">Whether the agent collects the message for certain.</param>
    public void Add(bool isKnown)
    {
        if (IsDelivered)
        {
            Restart();
        }

        _count = isKnown ? _count + 1 : null;
    }

    /// <summary>Notes that a request has found nothing.</summary>
    public void End() => (_count, _hasEnded) = (0, true);

    /// <summary>Notes that the agent starts a batch.</summary>
    public void Restart() => (_count, _hasEnded) = (0, false);
}
