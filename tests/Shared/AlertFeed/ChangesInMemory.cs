using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Tests.Shared;

/// <summary>Changes of alerts, one alert for each sensor, visible from the moment of their commit.</summary>
internal sealed class ChangesInMemory : IAlertStore
{
    private readonly Dictionary<Guid, Alert> _alerts = [];

    /// <param name="updatedAt">The stamp of the change, µs since the epoch.</param>
    public Alert Write(int sensorId, long updatedAt)
    {
        // Ids in the order of the sensors, by which changes with the same stamp are sorted.
        var id = new Guid(0, 0, 0, 0, 0, 0, 0, (byte)(sensorId >> 24), (byte)(sensorId >> 16), (byte)(sensorId >> 8), (byte)sensorId);
        return _alerts[id] = new(
            id, sensorId, "temperature", AlertKind.Extreme, AlertLevel.Warning, 0, 0, null, 1, 30, 20, null, "too warm")
        {
            UpdatedAt = updatedAt,
        };
    }

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Alert>>(
        [
            .. _alerts.Values
                .Where(alert => alert.UpdatedAt > since
                    || (alert.UpdatedAt == since && (after == Guid.Empty || alert.Id.CompareTo(after) > 0)))
                .OrderBy(alert => alert.UpdatedAt).ThenBy(alert => alert.Id)
                .Take(limit),
        ]);

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task WriteAsync(IReadOnlyCollection<Alert> states, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task MuteAsync(IReadOnlyCollection<Guid> ids, Guid groupAlert, long? time, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<AlertInterval>> ReadIntervalsAsync(AlertIntervalQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<Guid, long>> SumIntervalsAsync(
        IReadOnlyCollection<Guid> alertIds, long from, long to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Alert?> AcknowledgeAsync(Guid id, string by, string? person, string? note, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlySet<Guid>> AcknowledgeOpenAsync(
        IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken) => throw new NotSupportedException();
}
