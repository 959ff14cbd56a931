using System.Collections.Concurrent;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Where the window grains of a silo say that they are active.</summary>
public sealed class WindowActivations : IWindowActivations
{
    private readonly ConcurrentDictionary<(int SensorId, Period Period), IWindowActivation> _active = [];

    public IWindowActivation? Find(int sensorId, Period period) => _active.GetValueOrDefault((sensorId, period));

    internal void Add(int sensorId, Period period, IWindowActivation activation) => _active[(sensorId, period)] = activation;

    /// <summary>Does nothing where another activation has taken its place.</summary>
    internal void Remove(int sensorId, Period period, IWindowActivation activation) =>
        _active.TryRemove(KeyValuePair.Create((sensorId, period), activation));
}
