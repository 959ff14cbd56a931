using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Access;

/// <summary>The table <c>sessions</c>: people who are logged in. All times are by the clock of the store, which the silos share.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface ISessionStore
{
    /// <param name="tokenHash">SHA-256 of the token, hexadecimal.</param>
    Task AddAsync(string tokenHash, NewSession session, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <returns>The session; null: it is unknown, has ended or has expired.</returns>
    Task<Session?> FindAsync(string tokenHash, CancellationToken cancellationToken);

    /// <summary>
    /// Records the use of a session. A session that has ended stays ended. A log-in in the future, after the clock was set back,
    /// counts as one of now.
    /// </summary>
    /// <param name="lifetime">The session expires after this time without use.</param>
    /// <param name="longest">The session expires this time after the log-in.</param>
    Task ExtendAsync(string tokenHash, TimeSpan lifetime, TimeSpan longest, CancellationToken cancellationToken);

    /// <returns>The ended session; null: it was unknown.</returns>
    Task<Session?> EndAsync(string tokenHash, CancellationToken cancellationToken);

    /// <returns>The ended session; null: it was unknown.</returns>
    Task<Session?> EndAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Ends the sessions of an access key.</summary>
    /// <returns>The number of ended sessions.</returns>
    Task<int> EndOfKeyAsync(string keyHash, CancellationToken cancellationToken);

    /// <returns>The sessions that have not expired, by name and log-in.</returns>
    Task<IReadOnlyList<Session>> ReadAsync(CancellationToken cancellationToken);

    /// <returns>The number of removed sessions.</returns>
    Task<int> RemoveExpiredAsync(CancellationToken cancellationToken);
}

/// <summary>A session at its log-in.</summary>
/// <param name="Id">Names the session to administrators; it does not give access.</param>
/// <param name="Name">The name of the access key or of the user.</param>
/// <param name="IsAdmin">The role is admin; otherwise it is read.</param>
/// <param name="KeyHash">SHA-256 of the access key, hexadecimal; null: the log-in was at an identity provider.</param>
/// <param name="Address">The address of the client at the log-in.</param>
public record NewSession(Guid Id, string Name, bool IsAdmin, string? KeyHash, string Address);

/// <summary>A session as the store has it. Times in µs since the epoch.</summary>
/// <param name="CreatedAt">Time of the log-in.</param>
/// <param name="SeenAt">Time of the last recorded use.</param>
/// <param name="ReadAt">Time at which the session was read.</param>
public sealed record Session(
    Guid Id, string Name, bool IsAdmin, string? KeyHash, string Address, long CreatedAt, long SeenAt, long ExpiresAt, long ReadAt)
    : NewSession(Id, Name, IsAdmin, KeyHash, Address);
