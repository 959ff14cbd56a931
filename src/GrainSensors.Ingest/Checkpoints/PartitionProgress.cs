using GrainSensors.Core.Time;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>How far a partition has been dispatched and checkpointed, and what a rewind resets.</summary>
/// <remarks>
/// A rewind moves the position back to the checkpoint. Readings and dead letters below the highest position so far are then
/// dispatched again, but they are counted once.
/// </remarks>
internal sealed class PartitionProgress
{
    private readonly long _idleTimeout;
    private StreamTime _streamTime;
    private long _checkpointedStreamTime;
    private long _deadLettersThrough;
    private int _rewinds;

    /// <param name="startOffset">The next offset to read.</param>
    /// <param name="streamTime">The stream time of the last checkpoint, µs since the epoch.</param>
    /// <param name="idleTimeout">See <see cref="Core.Time.StreamTime"/>.</param>
    public PartitionProgress(long startOffset, long streamTime, long idleTimeout)
    {
        _idleTimeout = idleTimeout;
        _checkpointedStreamTime = streamTime;
        _streamTime = new(idleTimeout, streamTime);
        Position = Checkpointed = CountedThrough = _deadLettersThrough = startOffset;
    }

    /// <summary>The next offset to dispatch.</summary>
    public long Position { get; private set; }

    /// <summary>The next offset of the last checkpoint: everything below is durable.</summary>
    public long Checkpointed { get; private set; }

    /// <summary>Readings below this offset have been counted.</summary>
    public long CountedThrough { get; private set; }

    /// <summary>Increases with every rewind, and distinguishes messages that were fetched before it from those fetched after it.</summary>
    public int Generation { get; private set; }

    /// <summary>The stream time of the partition, µs since the epoch.</summary>
    public long StreamTime => _streamTime.Current;

    /// <summary>Whether everything that was dispatched is durable.</summary>
    public bool IsCheckpointed => Checkpointed == Position;

    /// <summary>Messages that were dispatched since the last checkpoint.</summary>
    public long SinceCheckpoint => Position - Checkpointed;

    /// <inheritdoc cref="StreamTime.Tick"/>
    public void Tick(bool live, long wallClock) => _streamTime.Tick(live, wallClock);

    /// <inheritdoc cref="StreamTime.Observe"/>
    public void Observe(long maxEventTime, long wallClock) => _streamTime.Observe(maxEventTime, wallClock);

    /// <summary>Records a dead letter.</summary>
    /// <returns>False: the dead letter was recorded before a rewind.</returns>
    public bool TryAddDeadLetter(long offset)
    {
        if (offset < _deadLettersThrough)
        {
            return false;
        }

        _deadLettersThrough = offset + 1;
        return true;
    }

    /// <summary>Every message below the offset has been dispatched.</summary>
    public void Dispatched(long nextOffset)
    {
        Position = nextOffset;
        CountedThrough = Math.Max(CountedThrough, nextOffset);
    }

    /// <summary>A checkpoint of everything below the offset has been written.</summary>
    /// <param name="nextOffset">The next offset of the checkpoint.</param>
    /// <param name="streamTime">The stream time of the checkpoint, µs since the epoch.</param>
    public void CheckpointWritten(long nextOffset, long streamTime) =>
        (Checkpointed, _checkpointedStreamTime) = (nextOffset, streamTime);

    /// <summary>A checkpoint attempt has succeeded. The count of <see cref="Rewind"/> starts again.</summary>
    public void AttemptSucceeded() => _rewinds = 0;

    /// <summary>Moves the position back to the last checkpoint.</summary>
    /// <param name="generation">The generation of everything that is fetched from now on.</param>
    /// <returns>The number of rewinds since the last successful checkpoint attempt.</returns>
    public int Rewind(int generation)
    {
        Generation = generation;
        Position = Checkpointed;

        // A later stream time would make sensors silent whose readings are about to be sent again, here and in the next checkpoint.
        _streamTime = new(_idleTimeout, _checkpointedStreamTime);
        return ++_rewinds;
    }
}
