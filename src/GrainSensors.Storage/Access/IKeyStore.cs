using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Access;

/// <summary>The table <c>access_keys</c>: keys beside those of the configuration.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IKeyStore
{
    /// <returns>False if a key has the name or the hash already, or a device key the name.</returns>
    Task<bool> AddAsync(StoredKey key, CancellationToken cancellationToken);

    /// <returns>The keys by name, expired ones included.</returns>
    Task<IReadOnlyList<StoredKey>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Removes a key and ends its sessions.</summary>
    /// <returns>False if no key has the name.</returns>
    Task<bool> RemoveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>An access key in the store. Times in µs since the epoch.</summary>
/// <param name="Hash">SHA-256 of the key, hexadecimal.</param>
/// <param name="IsAdmin">The role is admin; otherwise it is read.</param>
/// <param name="CreatedBy">The person who made the key.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record StoredKey(string Name, string Hash, bool IsAdmin, long CreatedAt, string CreatedBy, long? ExpiresAt);
