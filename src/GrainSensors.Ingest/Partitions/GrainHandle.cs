using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>What a partition's loop knows of a grain that it feeds, and that has to vouch for what it was fed.</summary>
internal abstract class GrainHandle
{
    /// <summary>The last offset that the grain has acknowledged in this generation.</summary>
    public long LastSent = Marks.None;

    /// <summary>The last offset acknowledged and not yet known durable.</summary>
    public long Previous = Marks.None;

    /// <param name="streamTime">Of the source before the batch, µs since the epoch.</param>
    public abstract ValueTask<AddStatus> SendAsync(SourceId source, Reading[] batch, int start, int count, long streamTime);

    public abstract ValueTask<long> FlushAsync(SourceId source);
}
