using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>The table <c>silences</c>: when alerts are kept but call nobody.</summary>
/// <exception cref="WindowStoreUnavailableException">From every method: the store cannot be reached or refused the statement.</exception>
public interface ISilenceStore
{
    Task AddAsync(Silence silence, CancellationToken cancellationToken);

    /// <summary>Ends a silence now.</summary>
    /// <returns>False: there is none with this id that has yet to end.</returns>
    Task<bool> EndAsync(Guid id, CancellationToken cancellationToken);

    /// <returns>Silences that have yet to end, those that end first first.</returns>
    Task<IReadOnlyList<Silence>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Nobody is called because of a sensor, for a time.</summary>
/// <param name="SensorId">Null: all sensors.</param>
/// <param name="StartsAt">µs since the epoch.</param>
/// <param name="EndsAt">Exclusive, µs since the epoch.</param>
/// <param name="By">Who wants it.</param>
/// <param name="Reason">Why.</param>
public sealed record Silence(Guid Id, int? SensorId, long StartsAt, long EndsAt, string By, string Reason);
