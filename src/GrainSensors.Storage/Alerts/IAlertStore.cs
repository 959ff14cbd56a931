using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Alerts;

/// <summary>The table <c>alerts</c>. All methods are thread-safe.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IAlertStore
{
    /// <returns>The matching alerts, newest first.</returns>
    Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken);

    /// <param name="shard">The shard of the sensors, see <see cref="Core.Alerts.SensorShards"/>.</param>
    /// <returns>The open alerts of the sensors of a shard.</returns>
    Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken);

    Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Reads alerts that were written at or after a time, in the order of writing. Transactions may commit in another order than
    /// their timestamps. A reader that follows the changes therefore starts some seconds before the last one and skips known rows.
    /// </summary>
    /// <param name="since">Earliest <see cref="Alert.UpdatedAt"/>, µs since the epoch, by the clock of the store.</param>
    /// <param name="after">The last known alert of exactly that time; <see cref="Guid.Empty"/> to begin with the first.</param>
    /// <param name="limit">The maximum number of alerts.</param>
    Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Stores states of alerts, and an interval for each raising. Writing the same or an earlier state again changes nothing.
    /// Acknowledgements stay. A raised alert clears an older open alert of the same sensor or group, measurement and rule.
    /// </summary>
    /// <param name="states">The states in the order of time; an alert may have several.</param>
    Task WriteAsync(IReadOnlyCollection<Alert> states, CancellationToken cancellationToken);

    /// <summary>Mutes open alerts about sensors because of the alert of their group.</summary>
    /// <param name="time">In µs from now; null: until the next call.</param>
    Task MuteAsync(IReadOnlyCollection<Guid> ids, Guid groupAlert, long? time, CancellationToken cancellationToken);

    /// <returns>The matching intervals, newest first.</returns>
    Task<IReadOnlyList<AlertInterval>> ReadIntervalsAsync(AlertIntervalQuery query, CancellationToken cancellationToken);

    /// <summary>Sums the intervals of alerts within a range of time.</summary>
    /// <param name="from">Start of the range, µs since the epoch.</param>
    /// <param name="to">End of the range and of open intervals, µs since the epoch.</param>
    /// <returns>The sum of each alert in µs; an alert without an interval in the range is absent.</returns>
    Task<IReadOnlyDictionary<Guid, long>> SumIntervalsAsync(
        IReadOnlyCollection<Guid> alertIds, long from, long to, CancellationToken cancellationToken);

    /// <summary>Acknowledges an open or cleared alert. Repeating it updates names and note but not the time.</summary>
    /// <param name="by">The name of the access key or of the user.</param>
    /// <param name="person">The name that the acknowledgement gave, if it is another one.</param>
    /// <returns>The acknowledged alert; null for an unknown id.</returns>
    Task<Alert?> AcknowledgeAsync(Guid id, string by, string? person, string? note, CancellationToken cancellationToken);

    /// <summary>Acknowledges those of the alerts that nobody has acknowledged, that are open, and that were raised this often.</summary>
    /// <param name="occurrences">How often an alert was raised, by its id.</param>
    /// <returns>The ids of the alerts that it has acknowledged.</returns>
    Task<IReadOnlySet<Guid>> AcknowledgeOpenAsync(
        IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note, CancellationToken cancellationToken);

    Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Removes alerts that cleared before the cutoff with their intervals and notifications, and sensor reports and silences that are
    /// older.
    /// </summary>
    /// <param name="cutoff">µs since the epoch.</param>
    /// <returns>The number of removed alerts.</returns>
    Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken);
}
