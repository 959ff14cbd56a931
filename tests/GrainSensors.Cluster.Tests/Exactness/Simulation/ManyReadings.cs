using GrainSensors.Core.Readings;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>Messages with one to four readings, of the same sensor and another one.</summary>
/// <param name="AreSplit">Whether batches may have a part of a message, which the rules forbid.</param>
internal sealed record ManyReadings(bool AreSplit = false)
{
    public static IEnumerable<Reading> Of(Reading first)
    {
        yield return first;
        var more = ((first.Timestamp / Schedule.TimeStep) + first.Offset) % 4;
        for (var i = 1; i <= more; i++)
        {
            var reading = first;
            reading.SensorId += i % 2;
            reading.Timestamp += i * Schedule.TimeStep;
            reading.Values[0] = double.IsNaN(first.Values[0]) ? i : first.Values[0] + i;
            yield return reading;
        }
    }
}
