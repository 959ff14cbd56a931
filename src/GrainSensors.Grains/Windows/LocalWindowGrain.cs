using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>
/// The reference that partition loops on the silo hold to a window grain. It drops the activation when that ends, so that the
/// memory of the grain is released while loops still know the sensor.
/// </summary>
internal sealed class LocalWindowGrain(IWindowActivation activation) : ILocalWindowGrain
{
    private volatile IWindowActivation? _activation = activation;

    public bool IsLive => _activation is not null;

    /// <summary>The activation; null after it has ended.</summary>
    public IWindowActivation? Activation => _activation;

    public void End() => _activation = null;

    public void QueueTurn(Action<object> turn, object state)
    {
        if (_activation is { } activation)
        {
            activation.QueueTurn(turn, state);
        }
        else
        {
            turn(state);
        }
    }

    public bool TryAdd(SourceId source, ReadingSlice readings, long previous, Guid life, out AddStatus status)
    {
        status = default;
        return _activation is { } activation && activation.Windows.TryAdd(source, readings, previous, life, out status);
    }
}
