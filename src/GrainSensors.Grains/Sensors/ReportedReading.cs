using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Sensors;

/// <summary>Turns what a device reports into a reading, by the rules of <see cref="ReadingParser"/>, so that ingest accepts whatever was acknowledged here.</summary>
internal static class ReportedReading
{
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <exception cref="ArgumentException">
    /// The report is no reading. Other than in JSON, where a device may send more than is asked for, a value of an
    /// unknown name is refused: here a caller would lose it by a slip of the pen.
    /// </exception>
    public static Reading From(int sensorId, SensorReport report, MeasurementSet measurements, AcceptedTimes acceptedTimes, long now)
    {
        ArgumentNullException.ThrowIfNull(report);
        var timestamp = EpochTime.From(report.Timestamp);
        if (!acceptedTimes.Contain(timestamp, now))
        {
            throw Refused(
                $"\"timestamp\" is {EpochTime.ToIso8601(timestamp)}; times from {EpochTime.ToIso8601(acceptedTimes.First)} to {EpochTime.ToIso8601(acceptedTimes.LastAt(now))} are accepted.");
        }

        var reading = new Reading { SensorId = sensorId, Timestamp = timestamp, Offset = -1, Values = MeasurementValues.None };
        foreach (var (name, value) in report.Values ?? throw Refused("It has no values; give an empty set when no probe is connected."))
        {
            var index = measurements.IndexOf(name);
            if (index < 0)
            {
                throw Refused($"\"{name}\" is no measurement; there are {string.Join(", ", measurements.All.Select(m => m.Name))}.");
            }

            if (value is not { } number)
            {
                continue;
            }

            var measurement = measurements[index];
            if (!measurement.Accepts(number))
            {
                throw Refused(FormattableString.Invariant(
                    $"\"{name}\" is {number}; give a number from {measurement.Min} to {measurement.Max}, or null for a disconnected probe."));
            }

            reading.Values[index] = number;
        }

        return reading;

        ArgumentException Refused(string sentence) => new($"The report of sensor {sensorId} is no reading. {sentence}", nameof(report));
    }
}
