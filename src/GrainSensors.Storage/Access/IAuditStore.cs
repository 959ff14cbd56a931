using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Access;

/// <summary>The table <c>audit_log</c>: what people and programs did.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IAuditStore
{
    Task AddAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <returns>The matching entries, newest first.</returns>
    Task<IReadOnlyList<AuditEntry>> QueryAsync(AuditQuery query, CancellationToken cancellationToken);

    /// <param name="cutoff">Earlier entries are removed, µs since the epoch.</param>
    /// <returns>The number of removed entries.</returns>
    Task<int> RemoveAsync(long cutoff, CancellationToken cancellationToken);
}

/// <summary>An action. It holds no secret.</summary>
/// <param name="Id">The number of the entry; 0 before it is stored.</param>
/// <param name="At">µs since the epoch.</param>
/// <param name="Actor">Name of the access key or of the user.</param>
/// <param name="Address">Address of the client; name of the machine for a command.</param>
/// <param name="Action">The word of the action, such as <c>log-in</c>.</param>
/// <param name="Target">The changed object, such as the id of an alert; empty: the action has none.</param>
public sealed record AuditEntry(long Id, long At, string Actor, string Address, string Action, string Target, string? Detail);

/// <summary>Selects entries.</summary>
/// <param name="From">Earliest time, inclusive, µs since the epoch.</param>
/// <param name="To">Latest time, exclusive, µs since the epoch.</param>
/// <param name="Before">Only entries with a lower id; the id of the last entry of the page before.</param>
public sealed record AuditQuery(
    long From = long.MinValue, long To = long.MaxValue, string? Actor = null, string? Action = null, long Before = long.MaxValue,
    int Limit = 100);
