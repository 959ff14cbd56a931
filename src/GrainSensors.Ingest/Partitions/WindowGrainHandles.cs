using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The window grains that a partition's loop talks to.</summary>
internal sealed class WindowGrainHandles
{
    private readonly Dictionary<int, WindowGrainHandle> _slots = [];
    private readonly Dictionary<(int, Period), WindowGrainHandle> _otherPeriods = [];
    private readonly Period _period;
    private readonly Func<int, Period, IWindowGrain> _grainOf;

    public WindowGrainHandles(Period period, Func<int, Period, IWindowGrain> grainOf)
    {
        _period = period;
        _grainOf = grainOf;
        Of = sensorId => _slots.TryGetValue(sensorId, out var slot) ? slot : Create(sensorId);
    }

    /// <summary>The slot of a sensor in the configured period.</summary>
    public Func<int, WindowGrainHandle> Of { get; }

    /// <summary>Sensors in the configured period.</summary>
    public int Count => _slots.Count;

    public IEnumerable<WindowGrainHandle> All => _slots.Values.Concat(_otherPeriods.Values);

    /// <summary>A slot in any period; windows of a period that is configured no more still have to be closed.</summary>
    public WindowGrainHandle In(int sensorId, Period period)
    {
        if (period == _period)
        {
            return Of(sensorId);
        }

        if (!_otherPeriods.TryGetValue((sensorId, period), out var slot))
        {
            _otherPeriods.Add((sensorId, period), slot = new(sensorId, period, _grainOf(sensorId, period)));
        }

        return slot;
    }

    /// <summary>After a rewind nothing that was acknowledged counts, and whose turn it was may be another activation's by now.</summary>
    public void ForgetAcknowledgements()
    {
        foreach (var slot in _slots.Values)
        {
            slot.Previous = slot.LastSent = Marks.None;
            slot.Activation = null;
        }
    }

    /// <summary>Drops the slots that have nothing open, nothing unwritten and no reading since the round: sensors come and go.</summary>
    public void DropUnusedSince(long round)
    {
        foreach (var (sensorId, slot) in _slots)
        {
            if (slot.LastRound < round && slot.Previous == Marks.None && slot.OpenStarts.Count == 0)
            {
                _slots.Remove(sensorId);
            }
        }

        foreach (var (key, slot) in _otherPeriods)
        {
            if (slot.OpenStarts.Count == 0)
            {
                _otherPeriods.Remove(key);
            }
        }
    }

    private WindowGrainHandle Create(int sensorId)
    {
        var slot = new WindowGrainHandle(sensorId, _period, _grainOf(sensorId, _period));
        _slots.Add(sensorId, slot);
        return slot;
    }
}
