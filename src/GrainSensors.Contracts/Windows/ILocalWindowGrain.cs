using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>A reference to a window grain that is active on this silo, for callers that feed thousands of grains at once.</summary>
/// <remarks>
/// A caller queues turns instead of making calls: the message, answer and bookkeeping of a call cost many times the work for a few
/// readings. A turn runs on the scheduler of the activation, one at a time with other turns. The exactness rules also hold if it
/// reaches an activation that was replaced.
/// </remarks>
public interface ILocalWindowGrain
{
    /// <summary>Whether the grain is active; if not, call it.</summary>
    bool IsLive { get; }

    /// <summary>Queues a turn of the grain, or runs it at once if the grain has ended.</summary>
    /// <param name="turn">The work of the turn; it must neither block nor throw.</param>
    void QueueTurn(Action<object> turn, object state);

    /// <summary><see cref="IWindowGrain.Add"/> without loading windows from the store. Call it in a turn of the grain.</summary>
    /// <returns>False if nothing was done; call the grain then.</returns>
    bool TryAdd(SourceId source, ReadingSlice readings, long previous, Guid life, out AddStatus status);
}
