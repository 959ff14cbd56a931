using System.Collections.Concurrent;

namespace GrainSensors.Storage.Alerts;

/// <summary>States that end with the process.</summary>
/// <param name="readLife">Reads the life of the store of the windows.</param>
public sealed class MonitorStatesInMemory(Func<CancellationToken, Task<Guid>> readLife) : IMonitorStates
{
    private readonly ConcurrentDictionary<int, StoredMonitor> _states = new();

    public async Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken) =>
        StateOf(shard) with { Life = await readLife(cancellationToken) };

    public async Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken)
    {
        var life = await readLife(cancellationToken);
        var stored = StateOf(write.Shard);
        return (stored with { Life = life }).After(write) is { } next && _states.TryUpdate(write.Shard, next, stored);
    }

    private StoredMonitor StateOf(int shard) => _states.GetOrAdd(shard, _ => new(Guid.Empty, null, null, null, []));
}
