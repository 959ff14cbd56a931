namespace GrainSensors.Storage.Alerts;

/// <summary>The stored state of a shard.</summary>
/// <param name="Life">The life of the store in which the state was read (<see cref="Windows.IWindowStore.Life"/>).</param>
/// <param name="Version">Random and new on every write; null if there is no state.</param>
/// <param name="Marks">The marks of the last write; null in a state of version 0.1, whose watches are in the format of Orleans.</param>
/// <param name="Watches">The state of all sensors (<see cref="Core.Alerts.SensorWatches"/>); null if there is no state.</param>
/// <param name="Changes">What has changed after it, in the order of the writes.</param>
public sealed record StoredMonitor(Guid Life, long? Version, byte[]? Marks, byte[]? Watches, IReadOnlyList<byte[]> Changes)
{
    /// <summary>Whether the store has the state in another format, which no change can follow.</summary>
    public bool IsConverted { get; init; }

    /// <returns>The state after a write; null if the write does not follow on this state.</returns>
    public StoredMonitor? After(MonitorWrite write) => write.Life != Life || write.Replaces != Version
        ? null
        : write.Change == 0
            ? new(Life, write.Version, write.Marks, [.. write.Watches], [])
            : this with { Version = write.Version, Marks = write.Marks, Changes = [.. Changes, write.Watches] };
}

/// <summary>A write of a shard.</summary>
/// <param name="Replaces">The version of the state that is written over or changed; null if none may exist.</param>
/// <param name="Version">The version of the new state.</param>
/// <param name="Life">The life in which the state was read. A store that has another one lacks what was written since.</param>
/// <param name="Watches">The state of all sensors, or of those that have changed. The caller may reuse the array afterwards.</param>
/// <param name="Change">The number of the change, from 1; 0 for the state of all sensors, which takes the place of all changes.</param>
public sealed record MonitorWrite(int Shard, long? Replaces, long Version, Guid Life, byte[] Marks, byte[] Watches, int Change);
