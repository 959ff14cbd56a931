using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The window grains that are active on this silo.</summary>
public interface ILocalWindowGrains
{
    /// <returns>The grain; null if it is not active on this silo.</returns>
    ILocalWindowGrain? Find(int sensorId, Period period);

    /// <summary>Flushes many grains at once, in turns instead of calls (<see cref="IWindowGrain.Flush"/>).</summary>
    /// <param name="source">The source that the answers are about.</param>
    /// <param name="life">See <see cref="IWindowGrain.Flush"/>.</param>
    /// <param name="grains">Results of <see cref="Find"/>; null entries are skipped.</param>
    /// <param name="answers">The answers by index. The entry of a grain that must be called instead stays as it is.</param>
    /// <returns>A task that completes when all flushes have ended. It fails if a flush failed.</returns>
    Task FlushAsync(SourceId source, Guid life, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers);
}
