using GrainSensors.Core.Exactness;

namespace GrainSensors.Core.Alerts;

/// <summary>The state of the watches: all sensors, or those that have changed since the last write.</summary>
public sealed partial class SensorWatches
{
    private readonly UnwrittenSensors _unwritten = new();

    /// <summary>The number of sensors that have changed, or were removed, since the last write that succeeded.</summary>
    public int Unwritten => _unwritten.Count;

    /// <summary>Whether the next write must be of all sensors: their changes alone do not lead from the last one to this state.</summary>
    public bool MustWriteAll => _unwritten.AreAll;

    /// <param name="over">An array that this method returned before and that is no longer used; null to allocate a new one.</param>
    /// <returns>The state as <see cref="Load"/> reads it. Zeros may follow it.</returns>
    public byte[] ToBytes(byte[]? over = null) => SensorWatchesState.Write(measurements, _sources, _sensors.Values, [], over);

    /// <summary>Begins a write: what changes from now on belongs to the next one.</summary>
    /// <param name="all">Whether to return the state of all sensors; else what has changed since the last write that succeeded.</param>
    /// <param name="over">As for <see cref="ToBytes"/>, of a state of all sensors.</param>
    public byte[] BeginWrite(bool all, ExactnessRules exactness, byte[]? over = null)
    {
        var (changed, removed) = _unwritten.Take(_sensors, exactness.KeepsChangesUntilWritten);
        return all ? ToBytes(over) : SensorWatchesState.Write(measurements, _sources, changed, removed, null);
    }

    /// <summary>The write that was begun last has succeeded.</summary>
    public void EndWrite() => _unwritten.Written();

    /// <summary>Takes over a written state. Call it before any other method.</summary>
    /// <param name="changes">The changes that were written after it, in their order.</param>
    /// <exception cref="FormatException">The bytes have an unknown version or are cut short.</exception>
    public void Load(ReadOnlySpan<byte> bytes, IReadOnlyList<byte[]>? changes = null)
    {
        SensorWatchesState.Read(bytes, measurements, _sources, NewEntry);
        foreach (var part in changes ?? [])
        {
            foreach (var sensorId in SensorWatchesState.Read(part, measurements, _sources, NewEntry))
            {
                _sensors.Remove(sensorId);
            }
        }

        foreach (var entry in _sensors.Values)
        {
            Enqueue(entry);
        }
    }
}
