namespace GrainSensors.Ingest.Status;

/// <summary>
/// The counters of a partition since its assignment. The loop of the partition writes them, and any thread may read them.
/// </summary>
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
    private Stall? _stall;
    private string? _waiting;
    private string? _awaitedSchema;

    /// <summary>Readings added to windows. A reading that is fetched again counts once.</summary>
    public long Readings { get => Volatile.Read(ref _readings); set => Volatile.Write(ref _readings, value); }

    /// <summary>Late readings: their window was due to be closed when they arrived.</summary>
    public long Late { get => Volatile.Read(ref _late); set => Volatile.Write(ref _late, value); }

    public RejectCounts Rejects { get; } = new();

    /// <summary>Windows that became final.</summary>
    public long Closed { get => Volatile.Read(ref _closed); set => Volatile.Write(ref _closed, value); }

    public long Rewinds { get => Volatile.Read(ref _rewinds); set => Volatile.Write(ref _rewinds, value); }

    /// <summary>The next offset of the last checkpoint.</summary>
    public long Checkpointed { get => Volatile.Read(ref _checkpointed); set => Volatile.Write(ref _checkpointed, value); }

    /// <summary>The time of the last checkpoint, µs since the epoch. 0 before the first.</summary>
    public long CheckpointedAt { get => Volatile.Read(ref _checkpointedAt); set => Volatile.Write(ref _checkpointedAt, value); }

    /// <summary>The next offset to dispatch.</summary>
    public long Position { get => Volatile.Read(ref _position); set => Volatile.Write(ref _position, value); }

    public long OpenWindows { get => Volatile.Read(ref _openWindows); set => Volatile.Write(ref _openWindows, value); }

    /// <summary>Messages that retention removed from the log before they were read.</summary>
    public long Missed { get => Volatile.Read(ref _missed); set => Volatile.Write(ref _missed, value); }

    /// <summary>The offset after the last message of the log, as of the last fetch.</summary>
    public long EndOffset { get => Volatile.Read(ref _endOffset); set => Volatile.Write(ref _endOffset, value); }

    /// <summary>Why the loop is stalled or waits, in one sentence. Null if it does neither.</summary>
    public string? Trouble => Volatile.Read(ref _stall)?.Reason ?? Waiting ?? AwaitedSchema;

    /// <summary>Why readings wait although the loop is not stalled, so that its silo is ready. Null if none does.</summary>
    public string? Waiting { get => Volatile.Read(ref _waiting); set => Volatile.Write(ref _waiting, value); }

    /// <summary>
    /// Why messages with a schema wait for the schema registry, in one sentence. Null if none does. The silo is ready meanwhile.
    /// </summary>
    public string? AwaitedSchema { get => Volatile.Read(ref _awaitedSchema); set => Volatile.Write(ref _awaitedSchema, value); }

    /// <summary>Since when the loop has been stalled, µs since the epoch. Null if it is not.</summary>
    public long? StalledSince => Volatile.Read(ref _stall)?.Since;

    /// <param name="reason">One sentence.</param>
    /// <param name="now">µs since the epoch.</param>
    public void Stalled(string reason, long now) => Volatile.Write(ref _stall, new(reason, StalledSince ?? now));

    public void Recovered() => Volatile.Write(ref _stall, null);

    private sealed record Stall(string Reason, long Since);
}
