namespace GrainSensors.Benchmarks.Feeding;

/// <summary>Sends batches in their order, several together, no faster than they are read.</summary>
internal sealed class Feeder(Leaders leaders, PartitionRoom room)
{
    private const int MaxBytes = 4 << 20;

    private readonly List<Batch> _batches = [];
    private readonly bool[] _isTaken = new bool[leaders.Partitions];
    private int _bytes;

    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public void Send(IEnumerable<Batch> batches)
    {
        foreach (var batch in batches)
        {
            // A request takes one batch of a partition.
            if (_isTaken[batch.Partition] || _bytes + batch.Bytes.Length > MaxBytes)
            {
                Flush();
            }

            if (!room.TryEnter(batch))
            {
                Flush();
                room.Enter(batch);
            }

            _batches.Add(batch);
            _isTaken[batch.Partition] = true;
            _bytes += batch.Bytes.Length;
        }

        Flush();
    }

    private void Flush()
    {
        if (_batches.Count > 0)
        {
            leaders.Send(_batches);
            _batches.Clear();
            Array.Clear(_isTaken);
            _bytes = 0;
        }
    }
}
