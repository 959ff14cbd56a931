using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>The table <c>sensor_reports</c>: messages that sensors wrote to the log topic.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface ISensorReports
{
    /// <summary>Stores the reports; known offsets stay unchanged.</summary>
    Task WriteAsync(IReadOnlyCollection<SensorLogLine> reports, CancellationToken cancellationToken);

    /// <param name="sensorId">The sensor; null for all sensors.</param>
    /// <param name="limit">The maximum number of reports.</param>
    /// <returns>The newest reports, newest first.</returns>
    Task<IReadOnlyList<SensorLogLine>> ReadAsync(int? sensorId, int limit, CancellationToken cancellationToken);
}

/// <summary>A message that a sensor wrote to the log topic.</summary>
/// <param name="Source">The partition of the log topic.</param>
/// <param name="Level">The level of the message, unchanged: <c>ERROR</c>, <c>WARNING</c> or another word.</param>
/// <param name="ReportedAt">Timestamp of the message, µs since the epoch.</param>
public sealed record SensorLogLine(SourceId Source, long Offset, int SensorId, string Level, string Message, long ReportedAt);
