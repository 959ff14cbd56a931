using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Telemetry;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// What the consume thread has fetched and the partition's loop has not yet taken.
/// A batch is whatever gathered while the loop was busy, so batches grow with the backlog.
/// </summary>
/// <remarks>
/// Bounded: at <see cref="Capacity"/> messages the consume thread pauses the partition, and <see cref="SpaceFreed"/> tells
/// it to resume. A rewind raises the generation; what was fetched for an older one is discarded.
/// </remarks>
internal sealed class PartitionBuffer(int capacity, Signal wake, ExactnessRules rules)
{
    private readonly Lock _gate = new();
    private readonly FetchedReadings _readings = new();
    private FetchedBatch _filling = new();
    private FetchedBatch _taken = new();
    private int _generation;
    private readonly int _leastCapacity = capacity;
    private int _capacity = capacity;
    private bool _full;
    private bool _atEnd;
    private bool _inSight;
    private long _fetchedTo = -1;

    /// <summary>The loop wants to be woken when so many messages wait, besides the first one.</summary>
    public int WakeAt { get; set; } = int.MaxValue;

    /// <summary>Messages that may wait; never less than what it was made for.</summary>
    public int Capacity
    {
        get => Volatile.Read(ref _capacity);
        set => Volatile.Write(ref _capacity, Math.Max(_leastCapacity, value));
    }

    /// <summary>Readings that it has had room for at once.</summary>
    public int Room => _readings.Room;

    /// <summary>The offset after the last message fetched; −1: none was since the start or the last rewind.</summary>
    public long FetchedTo => Volatile.Read(ref _fetchedTo);

    /// <summary>Messages that wait to be taken.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return Waiting;
            }
        }
    }

    /// <summary>Called when a full buffer was emptied.</summary>
    public Action? SpaceFreed { get; set; }

    /// <summary>The consumer sees the end of the partition, has fetched everything up to it, and nothing of it waits here.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return _atEnd && _inSight && _filling.IsEmpty;
            }
        }
    }

    /// <summary>Kafka's timestamp of the first message that is appended next, ms since the epoch. Consume thread only.</summary>
    public long AppendedAt { get; set; }

    /// <summary>The reading that is appended next is one that somebody follows.</summary>
    public void Follow(int generation, FollowedReading reading)
    {
        lock (_gate)
        {
            if (!IsStale(generation))
            {
                _filling.Followed.Add(reading);
            }
        }
    }

    /// <param name="readings">At least one.</param>
    /// <returns>False when the buffer is full now: fetch no more until <see cref="SpaceFreed"/>.</returns>
    public bool Append(int generation, ReadOnlySpan<Reading> readings)
    {
        lock (_gate)
        {
            if (IsStale(generation))
            {
                return true;
            }

            WakeWhenFirst();
            var before = Waiting;
            _readings.Add(readings, Capacity);
            _filling.Add(readings);
            return HasSpace(before);
        }
    }

    /// <inheritdoc cref="Append(int, ReadOnlySpan{Reading})"/>
    public bool Append(int generation, DeadLetter rejected)
    {
        lock (_gate)
        {
            if (IsStale(generation))
            {
                return true;
            }

            WakeWhenFirst();
            var before = Waiting;
            _filling.Reject(rejected);
            return HasSpace(before);
        }
    }

    /// <summary>The consumer has reached the end of the partition.</summary>
    /// <param name="offset">Of the next message to come; markers of transactions may stand between it and the last one.</param>
    public void ReachedEnd(int generation, long offset)
    {
        lock (_gate)
        {
            if (generation != _generation)
            {
                return;
            }

            _atEnd = true;
            if (offset > _fetchedTo)
            {
                _filling.NextOffset = _fetchedTo = offset;
            }
        }

        wake.Set();
    }

    /// <summary>Whether the partition is being fetched at present: without a broker nobody knows where the end is.</summary>
    public void SetFetching(bool inSight)
    {
        lock (_gate)
        {
            _inSight = inSight;
        }
    }

    /// <param name="copy">
    /// Takes the readings away, while the consume thread waits for the short time that it takes: they would have to change
    /// places with a third array, and those of a partition of many sensors are large.
    /// </param>
    /// <returns>What else was fetched so far, valid until the next take; null: nothing was.</returns>
    public FetchedBatch? Take(Action<ReadOnlySpan<Reading>> copy)
    {
        bool freed;
        lock (_gate)
        {
            if (_filling.IsEmpty)
            {
                return null;
            }

            copy(_readings.Span);
            _readings.Clear();
            (_filling, _taken) = (_taken, _filling);
            _filling.Clear();
            freed = _full;
            _full = false;
        }

        if (freed)
        {
            SpaceFreed?.Invoke();
        }

        return _taken;
    }

    /// <returns>The generation that the consumer must fetch for, once it has sought.</returns>
    public int Rewind()
    {
        bool freed;
        int generation;
        lock (_gate)
        {
            generation = ++_generation;
            _atEnd = false;
            _fetchedTo = -1;
            freed = _full;
            if (rules.DiscardsStaleBatches)
            {
                _readings.Clear();
                _filling.Clear();
                _full = false;
            }
        }

        if (freed)
        {
            SpaceFreed?.Invoke();
        }

        return generation;
    }

    private bool IsStale(int generation) => generation != _generation && rules.DiscardsStaleBatches;

    private void WakeWhenFirst()
    {
        _atEnd = false;
        if (_filling.IsEmpty)
        {
            _filling.AppendedAt = AppendedAt;
            wake.Set();
        }
    }

    private int Waiting => _filling.Count + _filling.Rejected.Count;

    private bool HasSpace(int before)
    {
        _fetchedTo = _filling.NextOffset;
        var waiting = Waiting;
        if (before < WakeAt && waiting >= WakeAt)
        {
            wake.Set();
        }

        _full = waiting >= _capacity;
        return !_full;
    }
}
