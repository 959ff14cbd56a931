using GrainSensors.Core.Exactness;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// A partition that the group has given to this silo: first its start is prepared, then a loop works it off. When
/// the loop has to begin anew, another object takes its place: what a loop that was given up still asks for goes nowhere.
/// </summary>
/// <param name="attention">Makes the consume thread look at what is asked for here.</param>
/// <param name="markDone">Everything below the offset may be committed.</param>
internal sealed class AssignedPartition(int partition, Action attention, Action<int, long> markDone) : IPartitionConsumer
{
    private readonly Lock _gate = new();
    private (long Offset, int Generation)? _seek;
    private volatile bool _spaceFreed;
    private volatile bool _isGivenUp;

    public int Partition => partition;

    public PartitionCounters Counters { get; } = new();

    /// <summary>When it was assigned, a timestamp of the clock.</summary>
    public required long AssignedAt { get; init; }

    /// <summary>
    /// The take of messages within which it was assigned. What else that one brings was fetched before, for the owner
    /// that this silo was then, and says nothing of the assignment. Consume thread only.
    /// </summary>
    public required int AssignedInTake { get; init; }

    /// <summary>Where to begin, once it is known.</summary>
    public required Task<StartPosition?> Preparation { get; init; }

    /// <summary>Null until the preparation is complete.</summary>
    public PartitionBuffer? Buffer { get; private set; }

    /// <summary>Null until the preparation is complete.</summary>
    public PartitionLoop? Loop { get; private set; }

    public bool IsGivenUp => _isGivenUp;

    /// <summary>What is fetched belongs to this generation; −1: to none, because a seek is due. Consume thread only.</summary>
    public int FetchGeneration { get; set; } = -1;

    /// <summary>
    /// The client fetches the partition, so that it can seek. Before that it may still be looking the end up, and
    /// would go there half a second after the seek (librdkafka retries an outdated lookup). Consume thread only.
    /// </summary>
    public bool IsFetched { get; set; }

    /// <summary>
    /// The log no longer holds what comes next: the client has given the partition up, so there is nothing to seek, and
    /// another object takes over when the loop has worked off what it has. Consume thread only.
    /// </summary>
    public bool HasLostItsPlace { get; set; }

    /// <summary>A seek is not enough: the client has given the partition up. Consume thread only.</summary>
    public bool MustBeReassigned { get; set; }

    /// <summary>Because the buffer was full. Consume thread only.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The seek that is yet to be carried out.</summary>
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

    public void Begin(StartPosition assignment, int capacity, Func<AssignedPartition, PartitionBuffer, Signal, PartitionLoop> makeLoop)
    {
        var wake = new Signal();
        Buffer = new(capacity, wake, ExactnessRules.Default)
        {
            SpaceFreed = () =>
            {
                _spaceFreed = true;
                attention();
            },
        };
        Loop = makeLoop(this, Buffer, wake);
        Seek(assignment.StartOffset, 0);
        _ = Task.Run(Loop.RunAsync);
    }

    /// <summary>Leaves everything as it stands; another object or another member goes on from the checkpoint.</summary>
    public void GiveUp()
    {
        _isGivenUp = true;
        Loop?.Drop();
    }

    public void Seek(long offset, int generation)
    {
        lock (_gate)
        {
            _seek = (offset, generation);
        }

        attention();
    }

    public void MarkDone(long nextOffset)
    {
        if (!_isGivenUp)
        {
            markDone(partition, nextOffset);
        }
    }

    /// <summary>The seek was carried out, unless another one has been asked for meanwhile.</summary>
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
