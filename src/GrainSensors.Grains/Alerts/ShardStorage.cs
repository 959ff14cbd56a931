using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>The stored state of a shard, as one activation knows it. A write succeeds only if the store has that one.</summary>
/// <remarks>
/// A write holds the sensors that have changed since the write before. When the changes would become as long as the state of all
/// sensors, that is written in their place. So no write is longer than the whole state, and all of them together at most twice as long
/// as what has changed.
/// </remarks>
internal sealed class ShardStorage(IMonitorStates states, int shard, SensorWatches watches, ExactnessRules rules)
{
    /// <summary>The changes that an activation has to read at most.</summary>
    private const int MaxChanges = 500;

    private byte[]? _array;
    private long? _version;
    private long _bytesOfAll;
    private long _bytesOfChanges;
    private int _changes;
    private bool _mustWriteAll;

    /// <summary>The bytes of a change besides its sensors: its row, and the names of measurements and sources.</summary>
    public int BytesOfChange { private get; set; } = 150;

    /// <summary>The life of the store in which the state was read.</summary>
    public Guid Life { get; private set; }

    /// <returns>The marks of the state.</returns>
    public Marks Load(StoredMonitor stored)
    {
        (Life, _version, _mustWriteAll) = (stored.Life, stored.Version, stored.Version is null || stored.IsConverted);
        if (stored.Watches is not { } all)
        {
            return Marks.Empty;
        }

        (_bytesOfAll, _bytesOfChanges, _changes) = (all.Length, stored.Changes.Sum(change => change.Length), stored.Changes.Count);
        watches.Load(all, stored.Changes);
        return Marks.Parse(stored.Marks);
    }

    /// <summary>Copies the state for a write. What changes from now on belongs to the next one.</summary>
    public Copy BeginWrite(Marks marks)
    {
        var isAll = _mustWriteAll || watches.MustWriteAll || _changes == MaxChanges || watches.Count == 0
            || _bytesOfChanges + BytesOfChange + (watches.Unwritten * _bytesOfAll / watches.Count) >= _bytesOfAll;
        var bytes = watches.BeginWrite(isAll, rules, isAll ? _array : null);
        _array = isAll ? bytes : _array;
        return new(marks, bytes, isAll);
    }

    /// <param name="marks">The marks by now.</param>
    /// <returns>False if another activation has written since, or if the store has another life.</returns>
    public async Task<bool> WriteAsync(Copy copy, Marks marks)
    {
        var write = new MonitorWrite(
            shard,
            _version,
            Random.Shared.NextInt64(),
            Life,
            rules.MarksOfWrite(copy.Marks, marks).ToBytes(),
            copy.Watches,
            copy.IsAll ? 0 : _changes + 1);
        if (!await states.WriteAsync(write, CancellationToken.None))
        {
            return false;
        }

        (_version, _changes) = (write.Version, write.Change);
        (_bytesOfAll, _bytesOfChanges) = copy.IsAll ? (copy.Watches.Length, 0) : (_bytesOfAll, _bytesOfChanges + copy.Watches.Length);
        _mustWriteAll = false;
        watches.EndWrite();
        return true;
    }

    /// <param name="IsAll">Whether the bytes are of all sensors.</param>
    public sealed record Copy(Marks Marks, byte[] Watches, bool IsAll);
}
