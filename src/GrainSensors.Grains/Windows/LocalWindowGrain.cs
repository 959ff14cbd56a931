using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>
/// What others on the silo hold on to. A grain that has ended is let go here, so that its memory is free though the loop of a
/// partition still knows the sensor.
/// </summary>
internal sealed class LocalWindowGrain(WindowGrain grain) : ILocalWindowGrain
{
    private volatile WindowGrain? _grain = grain;

    public bool IsLive => _grain is not null;

    /// <summary>Null: it has ended.</summary>
    public WindowGrain? Grain => _grain;

    public void End() => _grain = null;

    public void QueueTurn(Action<object> turn, object state)
    {
        if (_grain is { } grain)
        {
            grain.QueueTurn(turn, state);
        }
        else
        {
            turn(state);
        }
    }

    public bool TryAdd(SourceId source, ReadingSlice readings, long previous, out AddStatus status)
    {
        status = default;
        return _grain is { } grain && grain.TryAdd(source, readings, previous, out status);
    }
}
