namespace GrainSensors.Core.Alerts;

/// <summary>The watched measurements of one sensor: those that have had a value, in the order of their numbers.</summary>
/// <remarks>A sensor costs by the measurements that it sends and that a rule watches, however many are declared.</remarks>
public struct ValueWatches
{
    private Entry[]? _entries;

    /// <returns>The watch of the measurement; one that has seen nothing if the sensor never sent a value.</returns>
    public readonly ValueWatch this[int measurement] => IndexOf(measurement) is >= 0 and var at ? _entries![at].Watch : default;

    /// <returns>The watch of the measurement, which is added if there is none.</returns>
    internal ref ValueWatch Of(int measurement)
    {
        var at = IndexOf(measurement);
        if (at < 0)
        {
            at = ~at;
            Entry[] entries = [.. _entries.AsSpan(0, at), new() { Measurement = measurement }, .. _entries.AsSpan(at)];
            _entries = entries;
        }

        return ref _entries![at].Watch;
    }

    /// <summary>Marks the measurements that have a watch.</summary>
    internal readonly void Mark(Span<bool> measurements)
    {
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            measurements[entry.Measurement] = true;
        }
    }

    /// <inheritdoc cref="ValueWatch.Dismiss"/>
    internal readonly void Dismiss(in WatchedValue last, ICollection<AlertChange> changes)
    {
        foreach (ref var entry in _entries.AsSpan())
        {
            entry.Watch.Dismiss(last with { Measurement = entry.Measurement }, changes);
        }
    }

    /// <inheritdoc cref="ValueWatch.Forget"/>
    internal readonly void Forget(in WatchedValue last, ICollection<AlertChange> changes)
    {
        foreach (ref var entry in _entries.AsSpan())
        {
            entry.Watch.Forget(last with { Measurement = entry.Measurement }, changes);
        }
    }

    /// <returns>The place of the measurement, or the complement of the place where it would be.</returns>
    private readonly int IndexOf(int measurement)
    {
        var entries = _entries.AsSpan();
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Measurement >= measurement)
            {
                return entries[i].Measurement == measurement ? i : ~i;
            }
        }

        return ~entries.Length;
    }

    private struct Entry
    {
        public int Measurement;
        public ValueWatch Watch;
    }
}
