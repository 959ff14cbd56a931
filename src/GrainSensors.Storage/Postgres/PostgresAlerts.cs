using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>alerts</c> in PostgreSQL.</summary>
internal sealed class PostgresAlerts(NpgsqlDataSource dataSource, ISensorRegistry sensors, string store) : IAlertStore
{
    private readonly PostgresAlertQueries _queries = new(dataSource, sensors);
    private readonly PostgresAlertIntervals _intervals = new(dataSource);
    private readonly PostgresAlertWrites _writes = new(dataSource);

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) =>
        GuardAsync(() => _queries.QueryAsync(query, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) =>
        GuardAsync(() => _queries.ReadOpenAsync(shard, cancellationToken), cancellationToken);

    public Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        GuardAsync(() => _queries.FindAsync(id, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) =>
        GuardAsync(() => _queries.ReadChangesAsync(since, after, limit, cancellationToken), cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<Alert> states, CancellationToken cancellationToken) => states.Count == 0
        ? Task.CompletedTask
        : GuardAsync(() => _writes.WriteAsync(AlertStates.Of(states), cancellationToken), cancellationToken);

    public Task MuteAsync(IReadOnlyCollection<Guid> ids, Guid groupAlert, long? time, CancellationToken cancellationToken) =>
        GuardAsync(() => _writes.MuteAsync([.. ids], groupAlert, time, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<AlertInterval>> ReadIntervalsAsync(AlertIntervalQuery query, CancellationToken cancellationToken) =>
        GuardAsync(() => _intervals.ReadAsync(query, cancellationToken), cancellationToken);

    public Task<IReadOnlyDictionary<Guid, long>> SumIntervalsAsync(
        IReadOnlyCollection<Guid> alertIds, long from, long to, CancellationToken cancellationToken) =>
        GuardAsync(() => _intervals.SumAsync([.. alertIds], from, to, cancellationToken), cancellationToken);

    public Task<Alert?> AcknowledgeAsync(
        Guid id, string by, string? person, string? note, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await _writes.AcknowledgeAsync(id, by, person, note, cancellationToken);
            return await _queries.FindAsync(id, cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlySet<Guid>> AcknowledgeOpenAsync(
        IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note, CancellationToken cancellationToken) =>
        GuardAsync(() => _writes.AcknowledgeOpenAsync(occurrences, by, person, note, cancellationToken), cancellationToken);

    public Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => _queries.CountOpenAsync(cancellationToken), cancellationToken);

    public Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken) =>
        GuardAsync(() => _writes.RemoveAsync(cutoff, cancellationToken), cancellationToken);

    private Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(store, action, cancellationToken);
}
