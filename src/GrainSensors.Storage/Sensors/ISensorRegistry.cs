using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sensors;

/// <summary>The table <c>sensors</c>: registered sensors, whether or not they have reported.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface ISensorRegistry
{
    /// <returns>All registered sensors, sorted by id.</returns>
    Task<IReadOnlyList<RegisteredSensor>> ReadAsync(CancellationToken cancellationToken);

    Task<RegisteredSensor?> FindAsync(int sensorId, CancellationToken cancellationToken);

    /// <summary>Adds sensors, or replaces their entries.</summary>
    /// <param name="sensors">The sensors; each id at most once.</param>
    Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken);

    /// <returns>False if the sensor was not registered.</returns>
    Task<bool> RemoveAsync(int sensorId, CancellationToken cancellationToken);
}

/// <summary>A registered sensor.</summary>
/// <param name="Offset">
/// Error of the sensor, °C: how much warmer than its surroundings it reads (column <c>diff_temperature</c>).
/// </param>
/// <param name="Overrides">Alert rules of this sensor as JSON; null for the default rules.</param>
public sealed record RegisteredSensor(
    int SensorId, string? City = null, string? Station = null, double Offset = 0, string? Overrides = null);
