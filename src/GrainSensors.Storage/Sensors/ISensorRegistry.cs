using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sensors;

/// <summary>
/// The tables <c>sensors</c>, registered sensors, whether or not they have reported, and <c>forgotten_sensors</c>, dismissed ones.
/// </summary>
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

    /// <summary>Unregisters all of the sensors, or none if one of them is not registered.</summary>
    /// <returns>The sensors that are not registered, in the given order; empty if all were removed.</returns>
    Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken);

    /// <summary>
    /// Dismisses all of the sensors, or none if one of them is unknown: unregisters them and clears their alerts. Their windows stay.
    /// </summary>
    /// <returns>
    /// The sensors that have neither a registration nor an alert nor a window, in the given order; empty if all were dismissed.
    /// </returns>
    Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken);

    /// <param name="since">Earliest <see cref="ForgottenSensor.At"/>, µs since the epoch.</param>
    Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken);
}

/// <summary>A dismissed sensor.</summary>
/// <param name="At">
/// Time of the dismissal by the clock of the store, or of the last known reading if that is later; µs since the epoch. Only a later
/// reading brings the sensor back.
/// </param>
public readonly record struct ForgottenSensor(int SensorId, long At);

/// <summary>A registered sensor.</summary>
/// <param name="Offset">
/// Error of the sensor, °C: how much warmer than its surroundings it reads (column <c>diff_temperature</c>).
/// </param>
/// <param name="Overrides">Alert rules of this sensor as JSON; null for the default rules.</param>
public sealed record RegisteredSensor(
    int SensorId, string? City = null, string? Station = null, double Offset = 0, string? Overrides = null);
