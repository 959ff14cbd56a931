using GrainSensors.Core.Windows;
using Orleans.Concurrency;

namespace GrainSensors.Contracts.Windows;

/// <summary>
/// The windows of one sensor and period. Key: the sensor id, and the period in its canonical form
/// (<c>7 + "PT15M"</c>). The grain rolls its windows inside: the current one, and late ones reopened.
/// </summary>
/// <remarks>
/// Every call may be repeated, delayed or reach another activation; none of that loses or doubles a reading
/// (see <see cref="GrainSensors.Core.Exactness.ExactnessRules"/>).
/// </remarks>
[Alias("GrainSensors.IWindowGrain")]
public interface IWindowGrain : IGrainWithIntegerCompoundKey
{
    /// <summary>
    /// A call that was forwarded to a silo which died meanwhile is answered by nobody. To repeat it is harmless, so it need
    /// not be waited for as long as Orleans does by default, which is 30 s.
    /// </summary>
    private const string Patience = "00:00:10";

    /// <summary>Accumulates readings in the order of their offsets.</summary>
    /// <param name="previous">The last offset that was acknowledged to the caller and is not yet known durable, or <see cref="Marks.None"/>.</param>
    /// <exception cref="WindowStoreException">A window had to be read and the store failed; nothing was applied. Repeat the call unchanged.</exception>
    [Alias("Add"), ResponseTimeout(Patience)]
    ValueTask<AddStatus> Add(SourceId source, ReadingSlice readings, long previous);

    /// <summary>Writes everything that is not yet durable.</summary>
    /// <returns>The last offset seen from the source when the rows were copied, if every one of them is now durable; else <see cref="Marks.None"/>.</returns>
    /// <exception cref="WindowStoreException">The store failed; ask again later.</exception>
    [Alias("Flush"), AlwaysInterleave, ResponseTimeout(Patience)]
    ValueTask<long> Flush(SourceId source);

    /// <summary>Announces the rows of the windows with these starts (<see cref="IWindowEvents"/>), makes them final, and writes them.</summary>
    /// <param name="starts">Starts of windows, µs since the epoch.</param>
    /// <param name="previous">As for <see cref="Add"/>: an activation that misses readings cannot know which rows there are.</param>
    /// <returns>Whether every row is final and durable; if not, ask again.</returns>
    /// <exception cref="WindowStoreException">The store failed, or closed windows could not be announced; ask again later.</exception>
    [Alias("Close"), AlwaysInterleave, ResponseTimeout(Patience)]
    ValueTask<bool> Close(SourceId source, long[] starts, long previous);

    /// <summary>Flushes and deactivates, so that the next call activates the grain where its partition now lives.</summary>
    [Alias("Release"), AlwaysInterleave]
    ValueTask Release();
}

/// <summary>What became of an <see cref="IWindowGrain.Add"/>.</summary>
[GenerateSerializer, Alias("GrainSensors.AddStatus")]
public enum AddStatus
{
    /// <summary>The readings are in the windows, in memory.</summary>
    Applied = 0,

    /// <summary>This activation misses readings that were acknowledged before; nothing was changed. Rewind.</summary>
    Gap = 1,
}
