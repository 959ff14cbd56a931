using System.Globalization;
using System.Text;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>The key of each sensor's messages, and the partition to which it leads.</summary>
internal sealed class SensorKeys
{
    private readonly byte[][] _keys;
    private readonly short[] _partitions;

    public SensorKeys(int sensors, int partitions, bool areNames = false)
    {
        _keys = [.. Enumerable.Range(0, sensors).Select(sensor => Encoding.UTF8.GetBytes(
            (areNames ? "device-" : "") + sensor.ToString(CultureInfo.InvariantCulture)))];
        _partitions = [.. Enumerable.Range(0, sensors).Select(sensor => (short)KafkaPartitioner.PartitionOf(_keys[sensor], partitions))];
    }

    public ReadOnlySpan<byte> this[int sensor] => _keys[sensor];

    public int PartitionOf(int sensor) => _partitions[sensor];
}
