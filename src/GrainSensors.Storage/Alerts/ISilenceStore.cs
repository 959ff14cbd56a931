using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>The table <c>silences</c>: times during which alerts are stored but not delivered.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface ISilenceStore
{
    Task AddAsync(Silence silence, CancellationToken cancellationToken);

    /// <summary>Ends a silence now.</summary>
    /// <returns>False if no active or future silence has this id.</returns>
    Task<bool> EndAsync(Guid id, CancellationToken cancellationToken);

    /// <returns>Active and future silences, sorted by their end.</returns>
    Task<IReadOnlyList<Silence>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A time during which alerts of a sensor are not delivered.</summary>
/// <param name="SensorId">The sensor; null for all sensors.</param>
/// <param name="StartsAt">Start, inclusive, µs since the epoch.</param>
/// <param name="EndsAt">End, exclusive, µs since the epoch.</param>
/// <param name="By">The person who created the silence.</param>
/// <param name="Reason">The reason of the silence.</param>
public sealed record Silence(Guid Id, int? SensorId, long StartsAt, long EndsAt, string By, string Reason);
