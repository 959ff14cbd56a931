using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Contacts;

/// <summary>The table <c>alert_routes</c>: all versions of the routes of alerts.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IRouteStore
{
    /// <returns>The latest version; null: there was none.</returns>
    Task<StoredRoutes?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds a version.</summary>
    /// <returns>False if it is not the one after the latest.</returns>
    Task<bool> AddAsync(StoredRoutes routes, CancellationToken cancellationToken);
}

/// <summary>A version of the routes.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Document">JSON; null: the routes were removed.</param>
/// <param name="ChangedAt">µs since the epoch.</param>
/// <param name="ChangedBy">The name of the access key or of the user.</param>
public sealed record StoredRoutes(int Version, string? Document, long ChangedAt, string ChangedBy);
