using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Telemetry;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// The messages that the consume thread has fetched and the loop of the partition has not taken yet. A batch holds what was
/// fetched while the loop was busy, so batches grow with the lag.
/// </summary>
/// <remarks>
/// The buffer is bounded by messages, values and bytes: when it is full the consume thread pauses the partition, and
/// <see cref="SpaceFreed"/> resumes it. A rewind increases the generation, and messages of an older one are discarded.
/// </remarks>
internal sealed class PartitionBuffer(int capacity, Signal wake, ExactnessRules rules)
{
    /// <summary>A buffer is full, too, if so many bytes of messages wait that become dead letters or may become some.</summary>
    private const long MaxKeptBytes = 16 * 1024 * 1024;

    /// <summary>Messages with more values than this on average fill the buffer sooner.</summary>
    private const int ValuesPerMessage = 8;

    private static readonly ReadingBatch NoReadings = new();

    private readonly Lock _gate = new();
    private readonly FetchedReadings _readings = new();
    private FetchedBatch _filling = new();
    private FetchedBatch _taken = new();
    private readonly int _leastCapacity = capacity;
    private int _capacity = capacity;
    private int _generation;
    private bool _full;
    private bool _atEnd;
    private bool _fetching;
    private long _fetchedTo = -1;

    /// <summary>The number of waiting messages at which the loop is woken. The first message always wakes it.</summary>
    public int WakeAt { get; set; } = int.MaxValue;

    /// <summary>The number of messages that may wait. It never falls below the initial capacity.</summary>
    public int Capacity
    {
        get => Volatile.Read(ref _capacity);
        set => Volatile.Write(ref _capacity, Math.Max(_leastCapacity, value));
    }

    /// <summary>The readings that the buffer has allocated room for.</summary>
    public int Room => _readings.All.Room;

    /// <summary>The offset after the last fetched message. −1 before the first message since the start or the last rewind.</summary>
    public long FetchedTo => Volatile.Read(ref _fetchedTo);

    /// <summary>The number of messages that wait.</summary>
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

    /// <summary>Whether a message waits that silos of older versions do not understand.</summary>
    public bool IsOfLaterForm
    {
        get
        {
            lock (_gate)
            {
                return _filling.IsOfLaterForm;
            }
        }
    }

    /// <summary>Whether fetching has paused: nothing more comes before the next take.</summary>
    public bool IsFull => Volatile.Read(ref _full);

    /// <summary>Called when a full buffer has been emptied.</summary>
    public Action? SpaceFreed { get; set; }

    /// <summary>Whether the partition is being fetched, everything up to its end has been fetched, and no message waits.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return _atEnd && _fetching && _filling.IsEmpty;
            }
        }
    }

    /// <summary>Kafka's timestamp of the next message to be appended, ms since the epoch. For the consume thread only.</summary>
    public long AppendedAt { get; set; }

    /// <summary>Traces the reading that is appended next.</summary>
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

    /// <param name="generation">The generation that the readings were fetched for.</param>
    /// <param name="readings">At least one reading.</param>
    /// <returns>False: the buffer is full, and fetching must pause until <see cref="SpaceFreed"/>.</returns>
    public bool Append(int generation, ReadingBatch readings) => Append(generation, readings, default, [], null);

    /// <param name="reading">A reading of a sensor whose number is not known.</param>
    /// <param name="message">The message of the reading.</param>
    /// <param name="name">The name of the sensor in UTF-8.</param>
    /// <inheritdoc cref="Append(int, ReadingBatch)"/>
    public bool Append(int generation, ReadingBatch reading, in UnnamedMessage message, ReadOnlySpan<byte> name)
    {
        lock (_gate)
        {
            if (IsStale(generation))
            {
                return true;
            }

            _filling.Unnamed.Add(in message, name);
            return Add(reading, null);
        }
    }

    /// <summary>Adds the readings of a message and its dead letter in one step, so that no checkpoint comes between them.</summary>
    /// <param name="readings">The readings of the message that were not rejected; maybe none.</param>
    /// <param name="message">The message, for those whose sensors have names without numbers.</param>
    /// <param name="unnamed">These, by their index in the message.</param>
    /// <param name="rejected">The dead letter of those that were rejected; null: none was.</param>
    /// <inheritdoc cref="Append(int, ReadingBatch)"/>
    public bool Append(
        int generation, ReadingBatch readings, in UnnamedMessage message, IReadOnlyList<(byte[] Name, int Index)> unnamed,
        DeadLetter? rejected)
    {
        lock (_gate)
        {
            if (IsStale(generation))
            {
                return true;
            }

            _filling.Unnamed.Add(in message, unnamed);
            return Add(readings, rejected);
        }
    }

    /// <inheritdoc cref="Append(int, ReadingBatch)"/>
    public bool Append(int generation, DeadLetter rejected) => Append(generation, NoReadings, default, [], rejected);

    /// <summary>A message was read that is neither a reading nor a dead letter.</summary>
    public void Skip(int generation, long offset)
    {
        lock (_gate)
        {
            if (!IsStale(generation))
            {
                WakeWhenFirst();
                _filling.NextOffset = _fetchedTo = offset + 1;
            }
        }
    }

    /// <summary>The consumer has reached the end of the partition.</summary>
    /// <param name="generation">The generation of the fetch.</param>
    /// <param name="offset">The offset of the next message. Transaction markers may stand between it and the last message.</param>
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

    /// <summary>Sets whether the partition is being fetched. Without a broker the end of the partition is unknown.</summary>
    public void SetFetching(bool isFetching)
    {
        lock (_gate)
        {
            _fetching = isFetching;
        }
    }

    /// <param name="copy">
    /// Copies the readings, and may take their values over, while the consume thread waits for the lock. The copy is short, and it saves
    /// a third large array for partitions with many sensors.
    /// </param>
    /// <param name="takesLaterForm">False: a batch of a later form waits.</param>
    /// <returns>The batch without its readings, valid until the next take. Null if no message waits, or the batch.</returns>
    public FetchedBatch? Take(Action<FetchedBatch, ReadingBatch> copy, bool takesLaterForm = true)
    {
        bool freed;
        lock (_gate)
        {
            if (_filling.IsEmpty || (_filling.IsOfLaterForm && !takesLaterForm))
            {
                return null;
            }

            copy(_filling, _readings.All);
            _readings.All.Clear();
            (_filling, _taken) = (_taken, _filling);
            _filling.Clear();
            (freed, _full) = (_full, false);
        }

        if (freed)
        {
            SpaceFreed?.Invoke();
        }

        return _taken;
    }

    /// <summary>Starts a new generation and discards the waiting messages.</summary>
    /// <returns>The new generation. It holds for messages that are fetched after the seek.</returns>
    public int Rewind()
    {
        var (freed, generation) = (false, 0);
        lock (_gate)
        {
            generation = ++_generation;
            _atEnd = false;
            _fetchedTo = -1;
            freed = _full;
            if (rules.DiscardsStaleBatches)
            {
                _readings.All.Clear();
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

    private bool Add(ReadingBatch readings, DeadLetter? rejected)
    {
        WakeWhenFirst();
        var before = Waiting;
        if (rejected is not null)
        {
            _filling.Reject(rejected);
        }

        if (readings.Count > 0)
        {
            _readings.Add(readings, Capacity);
            _filling.Add(readings);
        }

        _fetchedTo = _filling.NextOffset;
        var (waiting, values) = (Waiting, _readings.All.ValueCount / ValuesPerMessage);
        _full = Math.Max(waiting, values) >= _capacity || _filling.KeptBytes >= MaxKeptBytes;
        if (_full || (before < WakeAt && waiting >= WakeAt))
        {
            wake.Set();
        }

        return !_full;
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
}
