using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Sensors;

/// <summary>
/// Registered sensors, whether or not they have reported, and dismissed ones. The table <c>sensors</c> registers ids, and may be adopted
/// from another program; <c>sensor_details</c> has the columns that it lacks, and registers names.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface ISensorRegistry
{
    /// <returns>A page of the registry: ids in their order, and then names in the order of their bytes.</returns>
    Task<IReadOnlyList<RegisteredSensor>> ReadAsync(RegistryQuery query, CancellationToken cancellationToken);

    /// <returns>Those of the sensors that are registered, in any order.</returns>
    Task<IReadOnlyList<RegisteredSensor>> FindAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken);

    /// <returns>The number of registered sensors.</returns>
    Task<long> CountAsync(CancellationToken cancellationToken);

    /// <returns>What monitors need of all registered sensors, sorted by id and number.</returns>
    Task<IReadOnlyList<WatchedSensor>> ReadWatchedAsync(CancellationToken cancellationToken);

    /// <summary>Adds sensors, or replaces their entries.</summary>
    /// <param name="sensors">The sensors; each id or number at most once.</param>
    Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken);

    /// <summary>Changes entries. Nobody else changes them between their reading and their writing.</summary>
    /// <param name="sensorIds">The ids and numbers of the sensors.</param>
    /// <param name="change">
    /// Returns the entries to write, from those of the sensors that are registered, in any order. It runs while the entries are locked. If
    /// it throws, its exception leaves this method, and nothing is written.
    /// </param>
    Task ChangeAsync(
        IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
        CancellationToken cancellationToken);

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

/// <summary>A page of the registry.</summary>
public sealed record RegistryQuery
{
    /// <summary>The last sensor of the page before; null: the first page.</summary>
    public SensorRef? After { get; init; }

    /// <summary>Sensors have all of these tags.</summary>
    public SensorTags Tags { get; init; } = SensorTags.None;

    public int Limit { get; init; } = 1000;
}

/// <summary>A registered sensor as monitors see it.</summary>
/// <param name="SensorId">The id, or the number of the name.</param>
/// <param name="Overrides">See <see cref="RegisteredSensor"/>.</param>
/// <param name="Name">The name of a sensor with overrides; null: it has an id, or no overrides. A silo does not load all names.</param>
public readonly record struct WatchedSensor(int SensorId, string? Overrides = null, string? Name = null);

/// <summary>A dismissed sensor.</summary>
/// <param name="At">
/// Time of the dismissal by the clock of the store, or of the last known reading if that is later; µs since the epoch. Only a later
/// reading brings the sensor back.
/// </param>
public readonly record struct ForgottenSensor(int SensorId, long At);
