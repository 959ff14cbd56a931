using GrainSensors.Core.Windows;
using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace GrainSensors.Contracts.Windows;

/// <summary>The windows of one sensor and period: the current one, and earlier ones that late readings reopened.</summary>
/// <remarks>
/// The key is the sensor id, or the number of its name, and the period in canonical form (<c>7 + "PT15M"</c>). Every call may be
/// repeated, delayed or reach another activation without losing or doubling a reading
/// (<see cref="GrainSensors.Core.Exactness.ExactnessRules"/>).
/// </remarks>
[Alias("GrainSensors.IWindowGrain"), Version(1)]
public interface IWindowGrain : IGrainWithIntegerCompoundKey
{
    /// <summary>The time to wait for an answer; the default of Orleans is 30 s.</summary>
    /// <remarks>
    /// A call that was forwarded to a silo that died gets no answer. Repeating a call is harmless, so a shorter wait costs nothing.
    /// </remarks>
    private const string AnswerTimeout = "00:00:10";

    /// <summary>Accumulates readings in the order of their offsets.</summary>
    /// <param name="previous">
    /// The last offset that was acknowledged to the caller and is not yet known durable, or <see cref="Marks.None"/>.
    /// </param>
    /// <param name="life">
    /// The life of the store that the caller has its checkpoint from. A grain that has its rows from another one answers
    /// <see cref="AddStatus.Gap"/> and starts again.
    /// </param>
    /// <exception cref="WindowStoreException">
    /// Loading a window from the store failed; no reading was applied. Repeat the call unchanged.
    /// </exception>
    [Alias("AddInLife"), ResponseTimeout(AnswerTimeout)]
    ValueTask<AddStatus> Add(SourceId source, ReadingSlice readings, long previous, Guid life);

    /// <summary>Writes all rows that are not yet durable.</summary>
    /// <returns>
    /// The last offset seen from the source when the rows were copied, if every row is durable; else <see cref="Marks.None"/>.
    /// </returns>
    /// <param name="life">As for <see cref="Add"/>: rows that were durable in another life may be gone.</param>
    /// <exception cref="WindowStoreException">The store failed; call again later.</exception>
    [Alias("FlushInLife"), AlwaysInterleave, ResponseTimeout(AnswerTimeout)]
    ValueTask<long> Flush(SourceId source, Guid life);

    /// <summary>
    /// Closes windows: announces their rows (<see cref="IWindowEvents"/>), makes the rows final and writes them.
    /// </summary>
    /// <param name="starts">The starts of the windows, µs since the epoch.</param>
    /// <param name="previous">As for <see cref="Add"/>: an activation that lacks readings may lack rows.</param>
    /// <returns>Whether every window is announced, final and durable; if not, call again.</returns>
    /// <exception cref="WindowStoreException">The store failed; call again later.</exception>
    [Alias("Close"), AlwaysInterleave, ResponseTimeout(AnswerTimeout)]
    ValueTask<bool> Close(SourceId source, long[] starts, long previous);

    /// <summary>Flushes and deactivates. The next call activates the grain on the new owner of the partition.</summary>
    [Alias("Release"), AlwaysInterleave]
    ValueTask Release();
}

/// <summary>The result of <see cref="IWindowGrain.Add"/>.</summary>
[GenerateSerializer, Alias("GrainSensors.AddStatus")]
public enum AddStatus
{
    /// <summary>The readings are in the windows in memory.</summary>
    Applied = 0,

    /// <summary>This activation lacks readings that were acknowledged before. Nothing has changed; the loop must rewind.</summary>
    Gap = 1,
}
