using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>A grain that a partition feeds, and what the partition knows of the readings that the grain holds.</summary>
internal abstract class GrainHandle
{
    /// <summary>The last offset that the grain has acknowledged in this generation.</summary>
    public long LastSent = Marks.None;

    /// <summary>The last offset that the grain has acknowledged and that may not be durable yet.</summary>
    public long Previous = Marks.None;

    /// <summary>Sends readings to the grain.</summary>
    /// <param name="source">The partition that the readings come from.</param>
    /// <param name="batch">Holds the readings.</param>
    /// <param name="start">The index of the first reading in <paramref name="batch"/>.</param>
    /// <param name="count">The number of readings.</param>
    /// <param name="streamTime">The stream time of the source before the batch, µs since the epoch.</param>
    /// <param name="life">The life of the store that the partition has its checkpoint from.</param>
    public abstract ValueTask<AddStatus> SendAsync(SourceId source, ReadingBatch batch, int start, int count, long streamTime, Guid life);

    /// <summary>Makes the readings durable that the grain holds of the source.</summary>
    /// <returns>The last offset that is durable, or <see cref="Marks.None"/>.</returns>
    public abstract ValueTask<long> FlushAsync(SourceId source, Guid life);
}
