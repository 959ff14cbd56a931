using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Names;

/// <summary>The names of the measurements that were found in readings, without the declared ones.</summary>
/// <remarks>
/// They bound the number of measurements. Rows of windows have names of their own, so a name has no number, and none can be lost or mean
/// something else after a restore.
/// </remarks>
/// <exception cref="WindowStoreUnavailableException">The store cannot be reached or refuses the statement. Call again.</exception>
public interface IMeasurementNames
{
    /// <summary>Adds names in their order, as long as there are not too many. They are durable when the task has ended.</summary>
    /// <param name="most">The most names in all. Writers wait for each other, so that there are never more.</param>
    Task AddAsync(IReadOnlyCollection<string> names, int most, CancellationToken cancellationToken);

    /// <returns>All names, sorted by the time at which they were added.</returns>
    Task<IReadOnlyList<StoredMeasurement>> ReadAsync(CancellationToken cancellationToken);
}

/// <param name="AddedAt">µs since the epoch.</param>
public readonly record struct StoredMeasurement(string Name, long AddedAt);
