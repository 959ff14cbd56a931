using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Idempotency;

/// <summary>
/// The table <c>idempotency_keys</c>: requests with an Idempotency-Key. All times are by the clock of the store, which the silos share.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IIdempotencyKeys
{
    /// <summary>How long a key is known. An older row counts as absent.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <returns>Null: the key is unknown.</returns>
    Task<StoredClaim?> FindAsync(ClaimKey key, CancellationToken cancellationToken);

    /// <param name="token">The token of the new row.</param>
    /// <param name="hold">How long no other request may take the row over.</param>
    /// <returns>False: the key is known.</returns>
    Task<bool> AddAsync(ClaimKey key, Guid token, Claim claim, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Takes an unanswered row over, or holds it for longer, if its token is still that one.</summary>
    /// <param name="next">The token from now on; the same one if the caller has the row.</param>
    /// <param name="hold">From now.</param>
    /// <returns>False: another request has the row, or it is answered.</returns>
    Task<bool> HoldAsync(ClaimKey key, Guid token, Guid next, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Stores the answer, if the token is still that one.</summary>
    /// <returns>False: another request has the row.</returns>
    Task<bool> AnswerAsync(ClaimKey key, Guid token, string answer, CancellationToken cancellationToken);

    /// <summary>Removes an unanswered row, if its token is still that one.</summary>
    /// <returns>False: another request has the row, or it is answered.</returns>
    Task<bool> RemoveAsync(ClaimKey key, Guid token, CancellationToken cancellationToken);

    /// <returns>The number of removed rows.</returns>
    Task<long> RemoveExpiredAsync(CancellationToken cancellationToken);
}

/// <summary>The Idempotency-Key of a caller.</summary>
/// <param name="Caller">Kind and name of the access key or session.</param>
/// <param name="Key">The value of the header.</param>
public sealed record ClaimKey(string Caller, string Key);

/// <summary>What a request states before it produces.</summary>
/// <param name="BodyHash">SHA-256 of the request, hexadecimal.</param>
/// <param name="TransactionalId">
/// The only id by which readings of the request are produced, so that a repeat can fence the request. Null: without transactions.
/// </param>
/// <param name="Record">A position in the topic of records; the record of the request will not be before it.</param>
public sealed record Claim(string BodyHash, string? TransactionalId, RecordPosition Record);

/// <summary>A position in the topic of records.</summary>
public readonly record struct RecordPosition(int Partition, long Offset);

/// <summary>A row of the table.</summary>
/// <param name="Answer">Null: the request is under way, or ended without an answer.</param>
/// <param name="HeldFor">How long no other request may take the row over; zero or less: one may.</param>
public sealed record StoredClaim(Claim Claim, Guid Token, string? Answer, TimeSpan HeldFor);
