using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>The table <c>sensor_reports</c>: what sensors themselves have written to the log topic.</summary>
/// <exception cref="WindowStoreUnavailableException">From every method: the store cannot be reached or refused the statement.</exception>
public interface ISensorReports
{
    /// <summary>Keeps the reports; those that are there already stay as they are.</summary>
    Task WriteAsync(IReadOnlyCollection<SensorLogLine> reports, CancellationToken cancellationToken);

    /// <param name="sensorId">Null: of all sensors.</param>
    /// <returns>The newest reports, the last one first.</returns>
    Task<IReadOnlyList<SensorLogLine>> ReadAsync(int? sensorId, int limit, CancellationToken cancellationToken);
}

/// <summary>What a sensor has said of itself.</summary>
/// <param name="Source">The partition of the log topic.</param>
/// <param name="Level">As it came: <c>ERROR</c>, <c>WARNING</c> or another word.</param>
/// <param name="ReportedAt">When the message was produced, µs since the epoch.</param>
public sealed record SensorLogLine(SourceId Source, long Offset, int SensorId, string Level, string Message, long ReportedAt);
