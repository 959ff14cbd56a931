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

    /// <returns>Silences that have ended, latest first.</returns>
    Task<IReadOnlyList<Silence>> ReadEndedAsync(int limit, CancellationToken cancellationToken);
}
