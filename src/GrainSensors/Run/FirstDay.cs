using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;
using GrainSensors.Ingest.Producing;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Run;

/// <summary>
/// The last 24 hours of simulated sensors, for a store that is new: their readings go through the pipeline as fast as it takes them. A few
/// messages are invalid.
/// </summary>
internal sealed class FirstDay
{
    /// <summary>The probability of an error in a reading: about thirty a day in a fleet of twenty.</summary>
    private const double Errors = 0.000_02;

    private static readonly long Day = EpochTime.From(TimeSpan.FromDays(1));

    private readonly MeasurementSet _measurements;
    private readonly SimulatedSensor[] _sensors;
    private readonly TimeProvider _clock;

    /// <param name="seed">That of the sensors when they go on.</param>
    public FirstDay(IReadOnlyList<RegisteredSensor> sensors, MeasurementSet measurements, int seed, TimeProvider clock)
    {
        _measurements = measurements;
        _clock = clock;
        _sensors =
        [
            .. sensors.Select(sensor => new SimulatedSensor(sensor.SensorId, measurements, seed, Errors, sensor.Offset)
            {
                Lasting = LastingFault.Of(sensor.Tags),
            }),
        ];
    }

    /// <returns>Completes when the log has all readings up to that time, or when it is cancelled.</returns>
    public async Task ProduceAsync(BulkReadingProducer producer, CancellationToken cancellationToken)
    {
        // The loop rarely waits, and the start of the host must not wait for it.
        await Task.Yield();
        try
        {
            var now = EpochTime.Now(_clock);
            await ProduceAsync(producer, now - Day - (now % EpochTime.MicrosPerSecond), cancellationToken);
            await producer.SendAsync(cancellationToken);
        }
        finally
        {
            await producer.DisposeAsync();
        }
    }

    private async Task ProduceAsync(BulkReadingProducer producer, long from, CancellationToken cancellationToken)
    {
        var writer = new ReadingWriter(_measurements);
        var buffer = new byte[writer.MaxLength];
        var invalid = new Queue<(int SensorId, long Moment, byte[] Message)>(Invalid(from));
        for (var moment = from; moment <= EpochTime.Now(_clock); moment += EpochTime.MicrosPerSecond)
        {
            foreach (var sensor in _sensors)
            {
                if (!sensor.Lasting.IsSilentAt(moment))
                {
                    var length = writer.Write(sensor.ReadingAt(moment), buffer);
                    await producer.AppendAsync(sensor.SensorId, buffer.AsMemory(0, length), cancellationToken: cancellationToken);
                }
            }

            while (invalid.TryPeek(out var next) && next.Moment <= moment)
            {
                await producer.AppendAsync(next.SensorId, next.Message, cancellationToken: cancellationToken);
                invalid.Dequeue();
            }
        }
    }

    /// <returns>Messages as faulty devices send them, sorted by time.</returns>
    private IEnumerable<(int SensorId, long Moment, byte[] Message)> Invalid(long from)
    {
        var measurement = _measurements[_measurements.Primary].Name;
        return new (double Hours, int SensorId, Func<long, string> Text)[]
        {
            (5.25, 2, time => $$"""{"sensor_id":2,"timestamp":{{time}},"{{measurement}}":"21.4 C"}"""),
            (11.5, 5, time => $$"""{"timestamp":{{time}},"{{measurement}}":18.7}"""),
            (16.75, 7, time => $$"""{"sensor_id":7,"timestamp":{{time}},"{{measurement}}":"""),
            (20, 11, _ => $$"""{"sensor_id":11,"timestamp":"yesterday","{{measurement}}":23.1}"""),
            (23.5, 2, time => $$"""{"sensor_id":2,"timestamp":{{time}},"{{measurement}}":"21.9 C"}"""),
        }.Select(message =>
        {
            var moment = from + EpochTime.From(TimeSpan.FromHours(message.Hours));
            return (message.SensorId, moment, Encoding.UTF8.GetBytes(message.Text(moment / EpochTime.MicrosPerSecond)));
        });
    }
}
