using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>
/// The states of monitors, one for each shard of sensors: the state of all its sensors, and what has changed since that was written.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">Thrown by every method if the store cannot be used.</exception>
public interface IMonitorStates
{
    Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken);

    /// <returns>False if the store has another version of the state, or another life. It is unchanged then.</returns>
    Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken);
}
