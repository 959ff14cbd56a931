using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>alerts</c> in SQLite.</summary>
internal sealed class SqliteAlerts(SqliteAccess access, TimeProvider clock) : IAlertStore
{
    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertQueries.Query(session.Connection, Now, query), cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertQueries.ReadOpen(session.Connection, Now, shard), cancellationToken);

    public Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertQueries.Find(session.Connection, Now, id), cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertQueries.ReadChanges(session.Connection, Now, since, after, limit), cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<Alert> states, CancellationToken cancellationToken) =>
        access.WriteAsync(session => SqliteAlertWrites.Write(session.Connection, Now, AlertStates.Of(states)), cancellationToken);

    public Task<IReadOnlyList<AlertInterval>> ReadIntervalsAsync(AlertIntervalQuery query, CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertIntervals.Read(session.Connection, query), cancellationToken);

    public Task<IReadOnlyDictionary<Guid, long>> SumIntervalsAsync(
        IReadOnlyCollection<Guid> alertIds, long from, long to, CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertIntervals.Sum(session.Connection, alertIds, from, to), cancellationToken);

    public async Task<Alert?> AcknowledgeAsync(Guid id, string by, string? person, string? note, CancellationToken cancellationToken)
    {
        await access.WriteAsync(
            session => SqliteAlertWrites.Acknowledge(session.Connection, Now, id, by, person, note), cancellationToken);
        return await FindAsync(id, cancellationToken);
    }

    public Task<IReadOnlySet<Guid>> AcknowledgeOpenAsync(
        IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note, CancellationToken cancellationToken) =>
        access.WriteAsync(
            session => SqliteAlertWrites.AcknowledgeOpen(session.Connection, Now, occurrences, by, person, note), cancellationToken);

    public Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken) =>
        access.ReadAsync(session => SqliteAlertQueries.CountOpen(session.Connection), cancellationToken);

    public Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken) =>
        access.WriteAsync(session => SqliteAlertWrites.Remove(session.Connection, cutoff), cancellationToken);

    private long Now => EpochTime.Now(clock);
}
