using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>The window grains that a partition feeds.</summary>
internal sealed class WindowGrainHandles
{
    private readonly Dictionary<int, WindowGrainHandle> _handles = [];
    private readonly Dictionary<(int, Period), WindowGrainHandle> _otherPeriods = [];
    private readonly Period _period;
    private readonly Func<int, Period, IWindowGrain> _grainOf;

    public WindowGrainHandles(Period period, Func<int, Period, IWindowGrain> grainOf)
    {
        _period = period;
        _grainOf = grainOf;
        Of = sensorId => _handles.TryGetValue(sensorId, out var handle) ? handle : Create(sensorId);
    }

    /// <summary>The handle of a sensor for the configured period, created on first use.</summary>
    public Func<int, WindowGrainHandle> Of { get; }

    /// <summary>The number of sensors in the configured period.</summary>
    public int Count => _handles.Count;

    public IEnumerable<WindowGrainHandle> All => _handles.Values.Concat(_otherPeriods.Values);

    /// <summary>The handle of a sensor for any period. Windows of a former period stay open until they are closed.</summary>
    public WindowGrainHandle In(int sensorId, Period period)
    {
        if (period == _period)
        {
            return Of(sensorId);
        }

        if (!_otherPeriods.TryGetValue((sensorId, period), out var handle))
        {
            _otherPeriods.Add((sensorId, period), handle = new(sensorId, period, _grainOf(sensorId, period)));
        }

        return handle;
    }

    /// <summary>
    /// Clears what the grains have acknowledged: after a rewind every reading is sent again. Local activations are
    /// looked up again, because the grains may have moved.
    /// </summary>
    public void ForgetAcknowledgements()
    {
        foreach (var handle in _handles.Values)
        {
            handle.Previous = handle.LastSent = Marks.None;
            handle.LocalGrain = null;
        }
    }

    /// <summary>
    /// Removes the handles without an open window, an unwritten reading, or a reading since the checkpoint attempt.
    /// Without this the handles of removed sensors would accumulate.
    /// </summary>
    public void RemoveUnusedSince(long attempt)
    {
        foreach (var (sensorId, handle) in _handles)
        {
            if (handle.LastAttempt < attempt && handle.Previous == Marks.None && handle.OpenStarts.Count == 0)
            {
                _handles.Remove(sensorId);
            }
        }

        foreach (var (key, handle) in _otherPeriods)
        {
            if (handle.OpenStarts.Count == 0)
            {
                _otherPeriods.Remove(key);
            }
        }
    }

    private WindowGrainHandle Create(int sensorId)
    {
        var handle = new WindowGrainHandle(sensorId, _period, _grainOf(sensorId, _period));
        _handles.Add(sensorId, handle);
        return handle;
    }
}
