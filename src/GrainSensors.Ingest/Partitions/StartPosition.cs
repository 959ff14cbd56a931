using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>Where the processing of a partition starts.</summary>
/// <param name="Source">The partition.</param>
/// <param name="StartOffset">
/// The offset of the checkpoint, else the committed offset of the group, else the first offset of the log.
/// </param>
/// <param name="StreamTime">The stream time of the checkpoint, µs since the epoch.</param>
/// <param name="OpenWindows">Windows with readings of this partition that are not final yet.</param>
internal sealed record StartPosition(SourceId Source, long StartOffset, long StreamTime, IReadOnlyList<WindowId> OpenWindows)
{
    /// <summary>The offset after the last message of the log.</summary>
    public long EndOffset { get; init; }

    /// <summary>The number of partitions of the topic.</summary>
    public int Partitions { get; init; } = 1;
}
