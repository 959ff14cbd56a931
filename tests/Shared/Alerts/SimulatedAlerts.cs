using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Tests.Shared;

/// <summary>The alerts table in memory, with the conditions of the SQL statements.</summary>
internal sealed class SimulatedAlerts : IAlertStore
{
    public Dictionary<Guid, Alert> Rows { get; } = [];

    /// <summary>Time of raising and of clearing by alert and occurrence.</summary>
    public Dictionary<(Guid Alert, int Occurrence), (long From, long? To)> Intervals { get; } = [];

    public List<Alert> Open(int shard) => [.. Rows.Values.Where(row => row.ClearedAt is null && SensorShards.Of(row.SensorId) == shard)];

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Alert>>(Open(shard));

    public Task WriteAsync(IReadOnlyCollection<Alert> states, CancellationToken cancellationToken)
    {
        foreach (var alert in states)
        {
            var write = alert;
            foreach (var other in Rows.Values.Where(row => row.ClearedAt is null && alert.ClearedAt is null && row.Id != alert.Id
                && (row.SensorId, row.Measurement, row.Kind) == (alert.SensorId, alert.Measurement, alert.Kind)
                && row.Rule == alert.Rule).ToList())
            {
                if (other.RaisedAt <= alert.RaisedAt)
                {
                    Rows[other.Id] = other with { ClearedAt = alert.LastRaisedAt };
                    Clear((other.Id, other.Occurrences), alert.LastRaisedAt);
                }
                else
                {
                    write = write with { ClearedAt = Math.Max(other.RaisedAt, alert.LastRaisedAt) };
                }
            }

            if (!Rows.TryGetValue(write.Id, out var row))
            {
                Rows.Add(write.Id, write);
            }
            else if (write.Occurrences > row.Occurrences)
            {
                Rows[write.Id] = write;
            }
            else if (write.Occurrences == row.Occurrences && write.ClearedAt is not null && row.ClearedAt is null)
            {
                Rows[write.Id] = row with { ClearedAt = write.ClearedAt };
            }

            var key = (write.Id, write.Occurrences);
            Intervals.TryAdd(key, (write.LastRaisedAt, null));
            Clear(key, write.ClearedAt ?? Rows[write.Id].ClearedAt);
        }

        return Task.CompletedTask;
    }

    private void Clear((Guid, int) key, long? at)
    {
        if (Intervals.TryGetValue(key, out var interval) && interval.To is null)
        {
            Intervals[key] = interval with { To = at };
        }
    }

    public Task MuteAsync(IReadOnlyCollection<Guid> ids, Guid groupAlert, long? time, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<AlertInterval>> ReadIntervalsAsync(AlertIntervalQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<Guid, long>> SumIntervalsAsync(
        IReadOnlyCollection<Guid> alertIds, long from, long to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Alert?> AcknowledgeAsync(Guid id, string by, string? person, string? note, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlySet<Guid>> AcknowledgeOpenAsync(
        IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken) => throw new NotSupportedException();
}
