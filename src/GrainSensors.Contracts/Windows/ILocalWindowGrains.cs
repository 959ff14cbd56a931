using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The window grains that are active on this silo.</summary>
public interface ILocalWindowGrains
{
    /// <returns>Null: it is not active here.</returns>
    ILocalWindowGrain? Find(int sensorId, Period period);

    /// <summary><see cref="IWindowGrain.Flush"/> of many at once, in turns of theirs. It takes as long as the store takes.</summary>
    /// <param name="source">Whose readings are asked about.</param>
    /// <param name="grains">From <see cref="Find"/>; null: passed over.</param>
    /// <param name="answers">By index; left alone where the grain has to be called.</param>
    /// <returns>When each has answered or will not. It fails with the reason why some have not, though they were asked.</returns>
    Task FlushAsync(SourceId source, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers);
}
