using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Contacts;

/// <summary>The table <c>contact_points</c>.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IContactPointStore
{
    /// <returns>All contact points, sorted by name.</returns>
    Task<IReadOnlyList<StoredContactPoint>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds a contact point, or replaces it.</summary>
    /// <returns>Whether it was added.</returns>
    Task<bool> WriteAsync(StoredContactPoint point, CancellationToken cancellationToken);

    /// <summary>Removes a contact point. Its pending notifications become dead.</summary>
    /// <returns>False if there is none of this name.</returns>
    Task<bool> RemoveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>A row of the table <c>contact_points</c>.</summary>
/// <param name="Settings">JSON object of texts.</param>
/// <param name="Secrets">Encrypted; null: none.</param>
/// <param name="ChangedAt">µs since the epoch.</param>
/// <param name="ChangedBy">The name of the access key or of the user.</param>
public sealed record StoredContactPoint(
    string Name, string Kind, bool IsEnabled, string Settings, string? Secrets, long ChangedAt, string ChangedBy)
{
    /// <returns>A text without secrets.</returns>
    public override string ToString() => Name;
}
