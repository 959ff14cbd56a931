using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Produce;

/// <summary>Simulated sensors, which report in turn.</summary>
internal sealed class Fleet
{
    private const int Seed = 1;

    private readonly SimulatedSensor[] _sensors;
    private readonly ReadingWriter _writer;
    private readonly byte[] _buffer;
    private readonly long _resolution;
    private int _next;

    /// <param name="wholeSeconds">
    /// Whether timestamps are whole seconds, as the Python pipeline wrote them. Sensors that report more than once a second
    /// need milliseconds.
    /// </param>
    public Fleet(int sensors, int firstId, double? errors, MeasurementSet measurements, bool wholeSeconds)
    {
        _sensors = [.. Enumerable.Range(firstId, sensors).Select(id => new SimulatedSensor(id, measurements, Seed, errors))];
        _writer = new(measurements);
        _buffer = new byte[_writer.MaxLength];
        _resolution = wholeSeconds ? EpochTime.MicrosPerSecond : EpochTime.MicrosPerSecond / 1000;
    }

    /// <param name="moment">µs since the epoch.</param>
    /// <returns>The reading of the next sensor as contract JSON. The memory is valid until the next call.</returns>
    public (int SensorId, ReadOnlyMemory<byte> Json) Next(long moment)
    {
        var sensor = _sensors[_next];
        _next = _next + 1 < _sensors.Length ? _next + 1 : 0;
        var reading = sensor.ReadingAt(moment - (moment % _resolution));
        var length = _writer.Write(reading, _buffer);
        return (sensor.SensorId, _buffer.AsMemory(0, length));
    }
}
