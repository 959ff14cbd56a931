using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Configuration;

/// <summary>How readings are taken from the log into windows.</summary>
public sealed class IngestOptions
{
    /// <summary>The length of the windows.</summary>
    public Period Period { get; set; } = Period.Default;

    /// <summary>How long after its end a window waits for readings that are late, in stream time.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the store keeps windows; a reading of a window that ended longer ago is a dead letter, for its row would
    /// vanish. Infinite: everything is kept.
    /// </summary>
    public TimeSpan Retention { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>After so long without a message at the end of a partition the wall clock is its stream time; infinite: never.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between checkpoints while writing takes little of the time.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Before the first one, unless <see cref="CheckpointInterval"/> is shorter: what waited while the partition moved should not wait much longer.</summary>
    public TimeSpan FirstCheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Between checkpoints at most, however long writing takes.</summary>
    public TimeSpan MaxCheckpointInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A checkpoint is taken after so many readings of a partition, whatever the interval: what a recovery reads again.</summary>
    public int MaxReadingsPerCheckpoint { get; set; } = 1_000_000;

    /// <summary>
    /// How long fetched readings wait for others at most, so that a grain takes several in one call; zero: not at all. It is the
    /// larger part of the time to an alert, and what waits longer in the log is brought together anyway.
    /// </summary>
    public TimeSpan MaxBatchWait { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Messages of a partition that are fetched and wait; then the partition is paused.</summary>
    public int BufferCapacity { get; set; } = 20_000;

    /// <summary>Whether readings that carry a trace are followed; then the headers of every message are looked at.</summary>
    public bool FollowsReadings { get; set; }

    /// <summary>How long a partition that is taken away may take to flush and checkpoint before it is given up.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether sensors are watched for silence and extreme values; a silo that does so has monitor grains.</summary>
    public bool IsMonitoringEnabled { get; set; } = true;
}
