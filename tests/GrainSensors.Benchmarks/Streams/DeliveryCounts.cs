namespace GrainSensors.Benchmarks.Streams;

/// <summary>How many messages of each partition all grains were given.</summary>
public sealed class DeliveryCounts(int partitions)
{
    /// <summary>Longs: each count has a cache line of its own.</summary>
    private const int Stride = 8;

    private readonly long[] _counts = new long[partitions * Stride];

    public int Partitions => partitions;

    public void Add(int partition) => Interlocked.Increment(ref _counts[partition * Stride]);

    public long[] Look() => [.. Enumerable.Range(0, partitions).Select(partition => Volatile.Read(ref _counts[partition * Stride]))];
}
