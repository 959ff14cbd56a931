using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>Where the work on a partition begins.</summary>
/// <param name="StartOffset">The checkpoint's, else the group's, else the earliest: always a concrete offset.</param>
/// <param name="StreamTime">Where the last owner's clock stood, µs since the epoch.</param>
/// <param name="OpenWindows">Windows with readings of this partition that are not final.</param>
internal sealed record StartPosition(SourceId Source, long StartOffset, long StreamTime, IReadOnlyList<WindowId> OpenWindows)
{
    /// <summary>The offset after the last message of the log.</summary>
    public long EndOffset { get; init; }

    /// <summary>How many the topic has.</summary>
    public int Partitions { get; init; } = 1;
}
