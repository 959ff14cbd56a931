using System.Collections.Concurrent;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>The registry of the window grains that are active on this silo.</summary>
public sealed class LocalWindowGrains : ILocalWindowGrains
{
    private readonly ConcurrentDictionary<(int SensorId, Period Period), ILocalWindowGrain> _active = [];
    private readonly ConcurrentBag<BatchFlush> _flushes = [];

    public ILocalWindowGrain? Find(int sensorId, Period period) => _active.GetValueOrDefault((sensorId, period));

    public async Task FlushAsync(SourceId source, Guid life, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers)
    {
        var activations = new IWindowActivation?[grains.Length];
        for (var i = 0; i < activations.Length; i++)
        {
            activations[i] = (grains.Span[i] as LocalWindowGrain)?.Activation;
        }

        if (!_flushes.TryTake(out var flush))
        {
            flush = new();
        }

        await flush.RunAsync(source, life, activations, answers);
        _flushes.Add(flush);
    }

    internal void Add(int sensorId, Period period, ILocalWindowGrain grain) => _active[(sensorId, period)] = grain;

    /// <summary>Removes the grain, unless another activation has taken its place.</summary>
    internal void Remove(int sensorId, Period period, ILocalWindowGrain grain) =>
        _active.TryRemove(KeyValuePair.Create((sensorId, period), grain));
}
