namespace GrainSensors.Benchmarks.Feeding;

/// <summary>Readings in the batches in which a producer would send them, in the order in which they fill.</summary>
internal sealed class BatchSequence(
    int sensors, long from, int partitions, bool hasNames = false,
    int measurements = ReadingText.Declared)
{
    private readonly ReadingSequence _readings = new(sensors, from, measurements);
    private readonly BatchBuilder[] _builders = [.. Enumerable.Range(0, partitions).Select(partition => new BatchBuilder(partition))];
    private readonly SensorKeys _keys = new(sensors, partitions, hasNames);

    /// <param name="count">Readings.</param>
    public IEnumerable<Batch> Take(long count)
    {
        for (var i = 0L; i < count; i++)
        {
            var builder = _builders[_keys.PartitionOf(_readings.SensorOf(i))];
            Add(builder, i);
            if (builder.IsFull)
            {
                yield return builder.Take(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            }
        }

        foreach (var builder in _builders.Where(builder => builder.Count > 0))
        {
            yield return builder.Take(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        }
    }

    private void Add(BatchBuilder builder, long index)
    {
        Span<byte> json = stackalloc byte[ReadingText.MaxLength];
        var key = _keys[_readings.SensorOf(index)];
        var length = _readings.Write(index, json, hasNames ? key : default);
        builder.Add(key, json[..length]);
    }
}
