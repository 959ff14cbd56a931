using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sensors;

/// <summary>The table <c>sensors</c>: what is known of sensors, whether they were ever heard of or not.</summary>
/// <exception cref="WindowStoreUnavailableException">From every method: the store cannot be reached or refused the statement.</exception>
public interface ISensorRegistry
{
    /// <returns>All of them by id.</returns>
    Task<IReadOnlyList<RegisteredSensor>> ReadAsync(CancellationToken cancellationToken);

    Task<RegisteredSensor?> FindAsync(int sensorId, CancellationToken cancellationToken);

    /// <summary>Adds sensors, or replaces what is known of them.</summary>
    /// <param name="sensors">No id twice.</param>
    Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken);

    /// <returns>False: it was not there.</returns>
    Task<bool> RemoveAsync(int sensorId, CancellationToken cancellationToken);
}

/// <param name="Offset">How much warmer than its surroundings it reads, °C; the old pipeline's <c>diff_temperature</c>.</param>
/// <param name="Overrides">Rules of the monitor that are its own, as JSON; null: none.</param>
public sealed record RegisteredSensor(int SensorId, string? City = null, string? Station = null, double Offset = 0, string? Overrides = null);
