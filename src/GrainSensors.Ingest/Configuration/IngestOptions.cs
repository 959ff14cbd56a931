using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Configuration;

/// <summary>How ingest takes readings from the log into windows.</summary>
public sealed record IngestOptions
{
    /// <summary>The window size.</summary>
    public Period Period { get; init; } = Period.Default;

    /// <summary>How long after its end a window waits for late readings, in stream time.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A window that late readings change is closed and announced again at most once in this interval.</summary>
    public TimeSpan LateClosingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the store keeps windows; infinite: for ever. A reading of a window that ended longer ago is a dead letter, because
    /// the store would delete its row.
    /// </summary>
    public TimeSpan Retention { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>A partition without messages for this long takes the wall clock as stream time; infinite: never.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The shortest time between two flushes of the rows of a partition. It grows with the time that a flush takes.
    /// </summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The rows a second that a silo flushes ahead of checkpoints.</summary>
    public int MaxFlushedRows { get; init; } = 20_000;

    /// <summary>The bytes a second that PostgreSQL writes to its log for the rows that a silo flushes ahead of checkpoints.</summary>
    public int MaxFlushedLogBytes { get; init; } = 8 << 20;

    /// <summary>The interval between checkpoints while writing takes a small share of the time.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time before the first checkpoint, unless <see cref="CheckpointInterval"/> is shorter: readings that waited while the
    /// partition moved should soon be durable.
    /// </summary>
    public TimeSpan FirstCheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest interval between checkpoints, however long writing takes.</summary>
    public TimeSpan MaxCheckpointInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A checkpoint is taken after this many readings of a partition, regardless of the interval. It limits what a recovery
    /// reads again.
    /// </summary>
    public int MaxReadingsPerCheckpoint { get; init; } = 1_000_000;

    /// <summary>
    /// How long fetched readings wait for others, so that a grain takes several in one call; zero: not at all. The wait is the larger
    /// part of the time to an alert. Readings that wait in the log longer are batched anyway.
    /// </summary>
    public TimeSpan MaxBatchWait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The number of fetched messages of a partition that may wait; above it the partition is paused.</summary>
    public int BufferCapacity { get; init; } = 20_000;

    /// <summary>Whether ingest continues the traces of readings; it then looks at the headers of every message.</summary>
    public bool FollowsReadings { get; init; }

    /// <summary>How long a revoked partition may take to flush and checkpoint before it is given up.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether monitor grains watch sensors for silence and extreme values; the silo must have these grains.</summary>
    public bool IsMonitoringEnabled { get; init; } = true;
}
