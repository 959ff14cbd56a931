using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>alerts</c> in SQLite.</summary>
internal sealed class SqliteAlerts(SqliteAccess access, TimeProvider clock) : IAlertStore
{
    private readonly LabelSilences _silences = new();

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) =>
        ReadAsync((connection, now) => SqliteAlertQueries.Query(connection, now, query), cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) =>
        ReadAsync((connection, now) => SqliteAlertQueries.ReadOpen(connection, now, shard), cancellationToken);

    public async Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync((connection, now) => SqliteAlertQueries.Find(connection, now, id), cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) =>
        ReadAsync((connection, now) => SqliteAlertQueries.ReadChanges(connection, now, since, after, limit), cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<Alert> states, CancellationToken cancellationToken) =>
        access.WriteAsync(session => SqliteAlertWrites.Write(session.Connection, Now, AlertStates.Of(states)), cancellationToken);

    public Task MuteAsync(IReadOnlyCollection<Guid> ids, Guid groupAlert, long? time, CancellationToken cancellationToken) =>
        access.WriteAsync(session => SqliteAlertWrites.Mute(session.Connection, Now, ids, groupAlert, time), cancellationToken);

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

    private async Task<IReadOnlyList<Alert>> ReadAsync(
        Func<SqliteConnection, long, IReadOnlyList<Alert>> read, CancellationToken cancellationToken)
    {
        var (alerts, active, sensors) = await access.ReadAsync(
            session =>
            {
                var now = Now;
                var found = read(session.Connection, now);
                var silences = found.Count == 0 ? [] : SqliteSilences.ReadByLabels(session.Connection, now);
                return (found, silences, silences.Count == 0
                    ? []
                    : SqliteEntries.Find(session.Connection, [.. found.Select(alert => alert.SensorId).Distinct()]));
            },
            cancellationToken);
        return active.Count == 0 ? alerts : _silences.Apply(alerts, active, sensors);
    }
}
