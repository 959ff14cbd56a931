using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>The table <c>alerts</c>. Every method may be called from several threads at once.</summary>
/// <exception cref="WindowStoreUnavailableException">From every method: the store cannot be reached or refused the statement.</exception>
public interface IAlertStore
{
    /// <returns>Alerts, the one that was raised last first.</returns>
    Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken);

    /// <param name="shard">See <see cref="Core.Alerts.SensorShards"/>.</param>
    /// <returns>The alerts of its sensors that are open.</returns>
    Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken);

    Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// What was written at or after a moment, in the order of writing. Transactions commit in another order than they are
    /// stamped in: who follows the changes asks from some seconds before the last one and skips what it has.
    /// </summary>
    /// <param name="since">µs since the epoch, by the clock of the store; see <see cref="Alert.UpdatedAt"/>.</param>
    /// <param name="after">Goes on after this alert of exactly that moment; <see cref="Guid.Empty"/>: with the first.</param>
    Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Brings the rows to where the monitor has the alerts. Writing again what was written, or an earlier state of an alert,
    /// changes nothing; acknowledgements stay. An alert that is raised while another one about the same is open clears that one.
    /// </summary>
    /// <param name="alerts">No id twice.</param>
    Task WriteAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken);

    /// <summary>Somebody takes notice of an alert, open or cleared. Who does so again replaces name and note, not the moment.</summary>
    /// <returns>The alert as it is now; null: there is none with this id.</returns>
    Task<Alert?> AcknowledgeAsync(Guid id, string by, string? note, CancellationToken cancellationToken);

    Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken);

    /// <summary>Removes alerts that cleared before the moment, and sensors' own reports and silences that are older.</summary>
    /// <param name="cutoff">µs since the epoch.</param>
    /// <returns>How many alerts were removed.</returns>
    Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken);
}

/// <summary>How many alerts are open.</summary>
/// <param name="Acknowledged">How many of them somebody has taken notice of.</param>
public readonly record struct AlertCounts(int Disconnected, int Extreme, int Acknowledged)
{
    public int Open => Disconnected + Extreme;
}
