using Confluent.Kafka;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Status;
using GrainSensors.Sources;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// A partition that the group has assigned to this silo. First its start position is resolved, and then a loop processes it.
/// When the loop has to start over, a new object replaces this one, so that late requests of the old loop have no effect.
/// </summary>
/// <param name="at">The topic and the number of the partition.</param>
/// <param name="reader">
/// Reads the messages of a source; null: the topic of readings, with messages of the contract. For the consume thread only.
/// </param>
/// <param name="wakeup">Makes the consume thread process the requests of the partition.</param>
/// <param name="storeOffset">Stores an offset for the next commit to the group.</param>
internal sealed class AssignedPartition(
    TopicPartition at, SourceReader? reader, ConsumerWakeup wakeup, Action<TopicPartition, long> storeOffset) : IPartitionConsumer
{
    private readonly Lock _gate = new();
    private (long Offset, int Generation)? _seek;
    private volatile bool _spaceFreed;
    private volatile bool _isRevoked;
    private volatile bool _mustStartOver;
    private volatile SchemaWait? _schemaWait;
    private int _epoch;
    private long _coversTo;

    public TopicPartition At => at;

    public int Partition => at.Partition.Value;

    /// <summary>The partition in logs.</summary>
    public PartitionName Name { get; } = new(reader is null ? null : at.Topic, at.Partition.Value);

    /// <summary>Reads messages that are not of the contract; null: they are. For the consume thread only.</summary>
    public SourceReader? Reader => reader;

    public PartitionCounters Counters { get; } = new();

    /// <summary>For the task of <see cref="Start"/> only.</summary>
    public MissedMessages Missed { get; } = new();

    /// <summary>The time of the assignment, a timestamp of the clock.</summary>
    public required long AssignedAt { get; init; }

    /// <summary>
    /// The number of the poll in which the partition was assigned. Other messages of that poll were fetched for an earlier
    /// assignment of the partition to this silo. For the consume thread only.
    /// </summary>
    public required int AssignedInPoll { get; init; }

    /// <summary>Resolves the start position. The result is null if the partition was revoked before.</summary>
    public required Task<StartPosition?> Start { get; init; }

    /// <summary>The fetched messages of the partition. Null until the start position is known.</summary>
    public PartitionBuffer? Buffer { get; private set; }

    /// <summary>What was refused, shared with the loop.</summary>
    public Refusals Refusals { get; private set; } = new();

    /// <summary>The loop of the partition. Null until the start position is known.</summary>
    public PartitionLoop? Loop { get; private set; }

    public bool IsRevoked => _isRevoked;

    /// <summary>The loop has ended and asks for another one.</summary>
    public bool MustStartOver => _mustStartOver;

    /// <summary>
    /// The generation of the messages that are fetched. −1 before a seek: the messages are skipped. For the consume thread only.
    /// </summary>
    public int FetchGeneration { get; set; } = -1;

    /// <summary>
    /// Whether the client fetches the partition, so that it can seek. Before that the client may still look up the end offset,
    /// and would go there half a second after the seek (librdkafka retries an outdated lookup). For the consume thread only.
    /// </summary>
    public bool IsFetched { get; set; }

    /// <summary>
    /// Whether the next offset is out of range, or the next message belongs to another source. A new object replaces this one
    /// when the loop has processed what was fetched. For the consume thread only.
    /// </summary>
    public bool IsEnding { get; set; }

    /// <summary>
    /// Whether the client has stopped fetching the partition, so that it has to be assigned again instead of a seek. For the
    /// consume thread only.
    /// </summary>
    public bool MustBeReassigned { get; set; }

    /// <summary>Whether fetching is paused because the buffer was full. For the consume thread only.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Why no message is taken at present; null: messages are taken. The consume thread sets it.</summary>
    public SchemaWait? SchemaWait
    {
        get => _schemaWait;
        set => _schemaWait = value;
    }

    /// <summary>The seek that the consume thread has to perform.</summary>
    public (long Offset, int Generation)? RequestedSeek
    {
        get
        {
            lock (_gate)
            {
                return _seek;
            }
        }
    }

    /// <returns>Whether a message belongs to the source that the loop reads. For the consume thread only.</returns>
    /// <param name="epoch">The leader epoch of the message; −1 if the broker does not say it.</param>
    public bool Covers(long offset, int epoch) => offset < _coversTo && (epoch == _epoch || _epoch == LeaderEpochs.Unknown);

    /// <summary>Starts the loop.</summary>
    public void Begin(StartPosition start, int capacity, Func<AssignedPartition, PartitionBuffer, Signal, PartitionLoop> createLoop)
    {
        var wake = new Signal();
        Buffer = new(capacity, wake, ExactnessRules.Default)
        {
            SpaceFreed = () =>
            {
                _spaceFreed = true;
                wakeup.Set();
            },
        };
        Refusals = start.Refusals;
        _epoch = start.Epochs.EpochAt(start.StartOffset);
        _coversTo = start.Epochs.NextAfter(start.StartOffset);
        Loop = createLoop(this, Buffer, wake);
        Seek(start.StartOffset, 0);
        _ = Task.Run(Loop.RunAsync);
    }

    /// <summary>Stops the loop without a checkpoint. Another object or another silo continues from the last checkpoint.</summary>
    public void Revoke()
    {
        _isRevoked = true;
        Loop?.Requests.Drop();
    }

    public void Seek(long offset, int generation)
    {
        lock (_gate)
        {
            _seek = (offset, generation);
        }

        wakeup.Set();
    }

    /// <summary>Goes back to a message, unless a loop has requested another seek.</summary>
    public void Return(long offset, int generation)
    {
        lock (_gate)
        {
            _seek ??= (offset, generation);
        }
    }

    public void StartOver()
    {
        _mustStartOver = true;
        wakeup.Set();
    }

    public void StoreOffset(long nextOffset)
    {
        if (!_isRevoked)
        {
            storeOffset(at, nextOffset);
        }
    }

    /// <summary>Removes a seek that was performed, unless a newer one was requested in the meantime.</summary>
    public void SeekDone((long Offset, int Generation) done)
    {
        lock (_gate)
        {
            if (_seek == done)
            {
                _seek = null;
            }
        }
    }

    /// <returns>Whether space was freed since the last call.</returns>
    public bool TakeSpaceFreed()
    {
        var freed = _spaceFreed;
        _spaceFreed = false;
        return freed;
    }
}
