using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>
/// A window grain that is active on this silo, for a caller on the same silo that feeds thousands of them at once: a turn of the
/// grain without the message, the answer and the bookkeeping of a call, which cost many times what a few readings do.
/// </summary>
/// <remarks>
/// A turn is one like any other: it runs on the scheduler of the activation, when no other turn does. By the rules of exactness
/// it may as well reach an activation that is not the grain's any more.
/// </remarks>
public interface ILocalWindowGrain
{
    /// <summary>False: it is ending; call the grain.</summary>
    bool IsLive { get; }

    /// <summary>Has the grain take a turn; one that has ended has nothing to keep it from, and it is taken at once. What is done in it must not wait and throws nothing.</summary>
    void QueueTurn(Action<object> turn, object state);

    /// <summary><see cref="IWindowGrain.Add"/>, as far as it needs no window from the store. To be called in a turn.</summary>
    /// <returns>False: nothing was done; call the grain.</returns>
    bool TryAdd(SourceId source, ReadingSlice readings, long previous, out AddStatus status);
}
