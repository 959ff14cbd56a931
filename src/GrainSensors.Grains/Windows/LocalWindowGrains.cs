using System.Collections.Concurrent;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Where the window grains of a silo say that they are active.</summary>
public sealed class LocalWindowGrains : ILocalWindowGrains
{
    private readonly ConcurrentDictionary<(int SensorId, Period Period), ILocalWindowGrain> _active = [];
    private readonly ConcurrentBag<BatchFlush> _flushes = [];

    public ILocalWindowGrain? Find(int sensorId, Period period) => _active.GetValueOrDefault((sensorId, period));

    public async Task FlushAsync(SourceId source, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers)
    {
        var members = new IBatchFlushMember?[grains.Length];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = (grains.Span[i] as LocalWindowGrain)?.Grain;
        }

        if (!_flushes.TryTake(out var flush))
        {
            flush = new();
        }

        await flush.RunAsync(source, members, answers);
        _flushes.Add(flush);
    }

    internal void Add(int sensorId, Period period, ILocalWindowGrain activation) => _active[(sensorId, period)] = activation;

    /// <summary>Does nothing where another activation has taken its place.</summary>
    internal void Remove(int sensorId, Period period, ILocalWindowGrain activation) =>
        _active.TryRemove(KeyValuePair.Create((sensorId, period), activation));
}
