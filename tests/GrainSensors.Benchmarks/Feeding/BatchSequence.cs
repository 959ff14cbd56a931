using System.Globalization;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>Readings in the batches in which a producer would send them, in the order in which they fill.</summary>
internal sealed class BatchSequence
{
    private readonly ReadingSequence _readings;
    private readonly BatchBuilder[] _builders;
    private readonly byte[][] _keys;
    private readonly short[] _partitions;

    public BatchSequence(ReadingSequence readings, int sensors, int partitions)
    {
        _readings = readings;
        _builders = [.. Enumerable.Range(0, partitions).Select(partition => new BatchBuilder(partition))];
        _keys = [.. Enumerable.Range(0, sensors).Select(sensor => System.Text.Encoding.UTF8.GetBytes(sensor.ToString(CultureInfo.InvariantCulture)))];
        _partitions = [.. Enumerable.Range(0, sensors).Select(sensor => (short)KeyPartitioner.PartitionOf(sensor, partitions))];
    }

    /// <param name="count">Readings.</param>
    public IEnumerable<Batch> Take(long count)
    {
        for (var i = 0L; i < count; i++)
        {
            var builder = _builders[_partitions[_readings.SensorOf(i)]];
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
        Span<byte> json = stackalloc byte[ReadingSequence.MaxLength];
        var length = _readings.Write(index, json);
        builder.Add(_keys[_readings.SensorOf(index)], json[..length]);
    }
}
