using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Sensors;

/// <summary>
/// Converts the report of a device to a reading. The rules are those of <see cref="ReadingParser"/>, so that ingest accepts every
/// acknowledged report.
/// </summary>
internal static class ReportedReading
{
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <returns>The reading with its values as they were sent.</returns>
    /// <exception cref="ArgumentException">
    /// The report is invalid. A value with an unknown name is rejected, other than in JSON: here it is a spelling mistake of the
    /// caller, which would lose the value.
    /// </exception>
    public static Reading From(int sensorId, SensorReport report, MeasurementSet measurements, AcceptedTimes acceptedTimes, long now)
    {
        ArgumentNullException.ThrowIfNull(report);
        var timestamp = EpochTime.From(report.Timestamp);
        if (!acceptedTimes.Contain(timestamp, now))
        {
            var (first, last) = (EpochTime.ToIso8601(acceptedTimes.First), EpochTime.ToIso8601(acceptedTimes.LastAt(now)));
            throw Invalid($"\"timestamp\" must be a time from {first} to {last}; got {EpochTime.ToIso8601(timestamp)}.");
        }

        var reading = new Reading { SensorId = sensorId, Timestamp = timestamp, Offset = -1, Values = MeasurementValues.None };
        foreach (var (name, value) in report.Values ?? throw Invalid("\"values\" is missing; use an empty set if no probe is connected."))
        {
            var index = measurements.IndexOf(name);
            if (index < 0)
            {
                var known = string.Join(", ", measurements.All.Select(m => m.Name));
                throw Invalid($"The measurement \"{name}\" is unknown; the measurements are {known}.");
            }

            if (value is not { } number)
            {
                continue;
            }

            var measurement = measurements[index];
            if (measurement.IsMissing(number))
            {
                continue;
            }

            if (!measurement.Accepts(measurement.Keep(number)))
            {
                var range = $"a number {measurement.RangeText}";
                throw Invalid(FormattableString.Invariant($"\"{name}\" must be {range}, or null for a disconnected probe; got {number}."));
            }

            reading.Values[index] = number;
        }

        return reading;

        ArgumentException Invalid(string reason) => new($"The report of sensor {sensorId} is invalid. {reason}", nameof(report));
    }
}
