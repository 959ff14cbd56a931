using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Rules;

/// <summary>The table <c>rules</c>: alert rules as data.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IRuleStore
{
    /// <returns>The number of changes so far, which grows with each one.</returns>
    Task<long> ReadVersionAsync(CancellationToken cancellationToken);

    /// <returns>All rules, sorted by id.</returns>
    Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds a rule, or replaces it.</summary>
    /// <param name="rule">The rule; its version does not matter.</param>
    /// <param name="expected">The version that the caller knows; 0: the rule must be new; null: any.</param>
    /// <returns>The rule that was there before, and the new version; null: the version is another one, and nothing was written.</returns>
    Task<RuleChange> WriteAsync(StoredRule rule, long? expected, CancellationToken cancellationToken);

    /// <inheritdoc cref="WriteAsync"/>
    Task<RuleChange> RemoveAsync(string id, long? expected, CancellationToken cancellationToken);
}

/// <summary>A row of the table <c>rules</c>.</summary>
/// <param name="Document">JSON, see <see cref="Core.Alerts.Rules.RuleDocument"/>.</param>
/// <param name="Version">The number of the change that wrote the rule.</param>
/// <param name="ChangedAt">µs since the epoch.</param>
/// <param name="ChangedBy">The name of the access key or of the user.</param>
public sealed record StoredRule(string Id, string Document, long Version, long ChangedAt, string ChangedBy);

/// <summary>The outcome of a write or a removal.</summary>
/// <param name="Before">The version before; null: there was no rule of this id.</param>
/// <param name="Version">The number of the change; null: nothing was changed.</param>
public readonly record struct RuleChange(long? Before, long? Version)
{
    /// <returns>Whether a caller that expects this version may change the rule.</returns>
    internal static bool IsExpected(long? expected, long? before) => expected is null || expected == (before ?? 0);
}
