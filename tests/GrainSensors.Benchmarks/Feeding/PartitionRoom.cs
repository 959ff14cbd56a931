using GrainSensors.Ingest.Embedded;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// How much of each partition nobody has read yet: the embedded broker drops the oldest messages silently, and what is
/// sent must wait until there is room for it. Told by whoever starts the feeder, in its own time, from another thread.
/// </summary>
internal sealed class PartitionRoom(int partitions)
{
    /// <summary>Some room for the batch that is half read, and for what the broker counts differently.</summary>
    private const long MaxUnread = EmbeddedBroker.RetentionBytes * 9 / 10;

    private readonly object _gate = new();
    private readonly Queue<(long End, int Bytes)>[] _unread = [.. Enumerable.Range(0, partitions).Select(_ => new Queue<(long, int)>())];
    private readonly long[] _bytes = new long[partitions];
    private readonly long[] _ends = new long[partitions];
    private bool _isOver;

    /// <returns>False: there is no room for the batch yet.</returns>
    public bool TryEnter(in Batch batch)
    {
        lock (_gate)
        {
            return TryEnterLocked(batch);
        }
    }

    /// <summary>Waits until there is room for the batch.</summary>
    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public void Enter(in Batch batch)
    {
        lock (_gate)
        {
            while (!TryEnterLocked(batch))
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <param name="positions">By partition, the next offset to be read.</param>
    public void Read(ReadOnlySpan<long> positions)
    {
        lock (_gate)
        {
            for (var partition = 0; partition < positions.Length; partition++)
            {
                while (_unread[partition].TryPeek(out var oldest) && oldest.End <= positions[partition])
                {
                    _unread[partition].Dequeue();
                    _bytes[partition] -= oldest.Bytes;
                }
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public void ThrowIfOver()
    {
        lock (_gate)
        {
            ThrowIfOverLocked();
        }
    }

    /// <summary>Nobody reads any more; whoever waits gives up.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool TryEnterLocked(in Batch batch)
    {
        ThrowIfOverLocked();
        if (_bytes[batch.Partition] + batch.Bytes.Length > MaxUnread)
        {
            return false;
        }

        _ends[batch.Partition] += batch.Count;
        _bytes[batch.Partition] += batch.Bytes.Length;
        _unread[batch.Partition].Enqueue((_ends[batch.Partition], batch.Bytes.Length));
        return true;
    }

    private void ThrowIfOverLocked()
    {
        if (_isOver)
        {
            throw new OperationCanceledException("Nobody reads any more.");
        }
    }
}
