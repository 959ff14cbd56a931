using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Cluster.Tests.Soak;

/// <summary>
/// Sensors with all that they do to a pipeline in two hours: errors, readings that come minutes late and out of order,
/// producers that set no key, and now and then bytes that are no reading. The same seed, the same messages.
/// </summary>
/// <param name="interval">Between the readings of a sensor, in seconds.</param>
internal sealed class Fleet(int sensors, long start, int seconds, int interval, int seed)
{
    private const int MaxDelaySeconds = 300;

    /// <summary>A message, and the second at which it arrives.</summary>
    public readonly record struct Message(int Second, int SensorId, byte[] Bytes, bool HasKey, Reading? Reading);

    /// <summary>All messages in the order in which they arrive; they are made as they are asked for, so that none is kept.</summary>
    public IEnumerable<Message> Messages()
    {
        var random = new Random(seed);
        var fleet = Enumerable.Range(0, sensors).Select(id => new SimulatedSensor(id, MeasurementSet.Default, seed)).ToArray();
        var writer = new ReadingWriter(MeasurementSet.Default);
        var delayed = new PriorityQueue<Message, int>();
        for (var second = 0; second < seconds + MaxDelaySeconds; second++)
        {
            foreach (var sensor in second < seconds ? fleet.Where(sensor => (second + sensor.SensorId) % interval == 0) : [])
            {
                var message = Next(sensor, second, writer, random);
                delayed.Enqueue(message, message.Second);
            }

            while (delayed.TryPeek(out _, out var due) && due <= second)
            {
                yield return delayed.Dequeue();
            }
        }
    }

    public void Expect(Readings expected)
    {
        foreach (var reading in Messages().Select(message => message.Reading).OfType<Reading>())
        {
            for (var i = 0; i < MeasurementSet.Default.Count; i++)
            {
                if (!double.IsNaN(reading.Values[i]))
                {
                    expected.Expect(reading.SensorId, MeasurementSet.Default[i].Name, reading.Timestamp, reading.Values[i]);
                }
            }
        }
    }

    private Message Next(SimulatedSensor sensor, int second, ReadingWriter writer, Random random)
    {
        var hasKey = sensor.SensorId % 10 != 0;
        if (random.Next(500) == 0)
        {
            return new(second, sensor.SensorId, Encoding.UTF8.GetBytes($"garbage {random.Next()}"), hasKey, null);
        }

        var reading = sensor.ReadingAt(start + (second * EpochTime.MicrosPerSecond) + random.Next((int)EpochTime.MicrosPerSecond));
        var bytes = new byte[writer.MaxLength];
        var length = writer.Write(reading, bytes);
        var delay = random.Next(100) switch
        {
            < 3 => random.Next(MaxDelaySeconds),
            < 20 => random.Next(10),
            _ => 0,
        };
        return new(second + delay, sensor.SensorId, bytes[..length], hasKey, reading);
    }
}
