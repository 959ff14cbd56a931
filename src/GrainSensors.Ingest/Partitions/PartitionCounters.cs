namespace GrainSensors.Ingest.Partitions;

/// <summary>What a partition's loop has done since it was assigned. Written by the loop, read by anyone.</summary>
internal sealed class PartitionCounters
{
    private long _readings;
    private long _late;
    private long _closed;
    private long _rewinds;
    private long _checkpointed;
    private long _checkpointedAt;
    private long _position;
    private long _openWindows;
    private long _missed;
    private long _endOffset;
    private string? _trouble;

    /// <summary>Readings taken into windows, each once however often it was fetched.</summary>
    public long Readings { get => Volatile.Read(ref _readings); set => Volatile.Write(ref _readings, value); }

    /// <summary>Readings whose window should have been closed when they arrived.</summary>
    public long Late { get => Volatile.Read(ref _late); set => Volatile.Write(ref _late, value); }

    public RejectCounts Rejects { get; } = new();

    /// <summary>Windows that became final.</summary>
    public long Closed { get => Volatile.Read(ref _closed); set => Volatile.Write(ref _closed, value); }

    public long Rewinds { get => Volatile.Read(ref _rewinds); set => Volatile.Write(ref _rewinds, value); }

    /// <summary>The next offset of the last checkpoint.</summary>
    public long Checkpointed { get => Volatile.Read(ref _checkpointed); set => Volatile.Write(ref _checkpointed, value); }

    /// <summary>When the last checkpoint was taken, µs since the epoch; 0: not yet.</summary>
    public long CheckpointedAt { get => Volatile.Read(ref _checkpointedAt); set => Volatile.Write(ref _checkpointedAt, value); }

    /// <summary>The next offset to be dispatched.</summary>
    public long Position { get => Volatile.Read(ref _position); set => Volatile.Write(ref _position, value); }

    public long OpenWindows { get => Volatile.Read(ref _openWindows); set => Volatile.Write(ref _openWindows, value); }

    /// <summary>Messages that the log had dropped before they were read.</summary>
    public long Missed { get => Volatile.Read(ref _missed); set => Volatile.Write(ref _missed, value); }

    /// <summary>The offset after the last message of the log, as of the last fetch.</summary>
    public long EndOffset { get => Volatile.Read(ref _endOffset); set => Volatile.Write(ref _endOffset, value); }

    /// <summary>What the loop waits for at present, in one sentence; null: nothing.</summary>
    public string? Trouble { get => Volatile.Read(ref _trouble); set => Volatile.Write(ref _trouble, value); }
}
