using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Embedded;

/// <summary>
/// Holds a producer to the embedded broker back while the consumer group lags: the broker drops the oldest messages
/// of a partition silently, and nothing may be dropped that is not yet checkpointed.
/// </summary>
/// <remarks>Counts what was produced and not committed by its size before compression, which is never less than what the broker counts.</remarks>
internal sealed class RetentionGuard(KafkaClients clients, int partitions, TimeProvider clock) : IDisposable
{
    /// <summary>Of a message without a key: it goes where the client likes.</summary>
    public const int AnyPartition = -1;

    /// <summary>Some room for other producers.</summary>
    private const long MaxRetained = EmbeddedBroker.RetentionBytes * 4 / 5;

    /// <summary>Of a message in a batch of its own: the batch's header and the record's.</summary>
    private const int LoneOverhead = 80;

    /// <summary>Of a message among many: the record's header and its share of the batch's.</summary>
    private const int SharedOverhead = 16;

    /// <summary>Messages that come faster than this share batches, over however many partitions they spread.</summary>
    private static readonly TimeSpan SharedBelow = TimeSpan.FromMicroseconds(100);

    /// <summary>The interval between messages is averaged over about so many.</summary>
    private const int Smoothing = 256;

    /// <summary>Deliveries are remembered together until they come to this.</summary>
    private const int ChunkBytes = 16 * 1024;

    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly Retained[] _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new Retained())];
    private readonly Lazy<IConsumer<Ignore, Ignore>> _reader = new(clients.OffsetReader);
    private long _inFlightAnywhere;
    private TimeSpan _interval = TimeSpan.FromSeconds(1);
    private long _last = clock.GetTimestamp();
    private volatile bool _isHolding;

    /// <summary>Messages wait at present for the group to catch up and to checkpoint.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>Where the readings of a sensor go.</summary>
    public int PartitionOf(int sensorId) => KeyPartitioner.PartitionOf(sensorId, partitions);

    /// <summary>Completes when the message may be produced.</summary>
    /// <param name="partition">Where it goes, or <see cref="AnyPartition"/>.</param>
    /// <returns>What it takes up, to be told to <see cref="Delivered"/> or <see cref="Failed"/>.</returns>
    /// <exception cref="OperationCanceledException">It waited in vain; nothing is reserved.</exception>
    public ValueTask<Reservation> ReserveAsync(int partition, int keyLength, int valueLength, CancellationToken cancellationToken)
    {
        Reservation reservation;
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _interval += (clock.GetElapsedTime(_last, now) - _interval) / Smoothing;
            _last = now;
            reservation = new(partition, CostOf(keyLength, valueLength, sharesBatch: _interval < SharedBelow));
            if (TryTake(reservation))
            {
                return new(reservation);
            }
        }

        return new(WaitAsync(reservation, cancellationToken));
    }

    /// <summary>The same for many messages that are sent together; takes all or none.</summary>
    /// <exception cref="OperationCanceledException">It waited in vain; nothing is reserved.</exception>
    public ValueTask ReserveAsync(Costs costs, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (TryTake(costs))
            {
                return default;
            }
        }

        return new(WaitAsync(costs, cancellationToken));
    }

    /// <summary>What messages that are to be sent together take up.</summary>
    public Costs NewCosts() => new(partitions);

    /// <param name="sharesBatch">It goes with many others.</param>
    public static int CostOf(int keyLength, int valueLength, bool sharesBatch) => keyLength + valueLength + (sharesBatch ? SharedOverhead : LoneOverhead);

    /// <summary>The broker has the message.</summary>
    public void Delivered(Reservation reservation, int partition, long offset)
    {
        lock (_gate)
        {
            InFlight(reservation.Partition) -= reservation.Cost;
            _partitions[partition].Add(offset, reservation.Cost);
        }
    }

    /// <summary>The broker did not take the message.</summary>
    public void Failed(Reservation reservation)
    {
        lock (_gate)
        {
            InFlight(reservation.Partition) -= reservation.Cost;
        }
    }

    /// <summary>The client did not take the messages.</summary>
    public void Release(Costs costs)
    {
        lock (_gate)
        {
            Take(costs, -1);
        }
    }

    public void Dispose()
    {
        if (_reader.IsValueCreated)
        {
            _reader.Value.Dispose();
        }

        _asking.Dispose();
    }

    private async Task<Reservation> WaitAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        var costs = NewCosts();
        costs.Add(reservation.Partition, reservation.Cost);
        await WaitAsync(costs, cancellationToken);
        return reservation;
    }

    private async Task WaitAsync(Costs costs, CancellationToken cancellationToken)
    {
        // One asks for all that wait; they go on in the order in which they came.
        await _asking.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (TryTake(costs))
                    {
                        return;
                    }
                }

                _isHolding = true;
                await Task.Run(AskCommitted, cancellationToken);
                await Task.Delay(AskInterval, clock, cancellationToken);
            }
        }
        finally
        {
            _isHolding = false;
            _asking.Release();
        }
    }

    private bool TryTake(Costs costs)
    {
        for (var i = 0; i < _partitions.Length; i++)
        {
            if (!HasRoom(_partitions[i], costs.Of(i) + costs.Of(AnyPartition)))
            {
                return false;
            }
        }

        Take(costs, 1);
        return true;
    }

    private void Take(Costs costs, int sign)
    {
        for (var i = AnyPartition; i < _partitions.Length; i++)
        {
            InFlight(i) += sign * costs.Of(i);
        }
    }

    private bool TryTake(Reservation reservation)
    {
        var hasRoom = reservation.Partition == AnyPartition
            ? Array.TrueForAll(_partitions, partition => HasRoom(partition, reservation.Cost))
            : HasRoom(_partitions[reservation.Partition], reservation.Cost);
        if (hasRoom)
        {
            InFlight(reservation.Partition) += reservation.Cost;
        }

        return hasRoom;
    }

    /// <summary>Where messages without a key will go is not known, so they count everywhere.</summary>
    private bool HasRoom(Retained partition, int cost) => partition.Bytes + partition.InFlight + _inFlightAnywhere + cost <= MaxRetained;

    private ref long InFlight(int partition) => ref partition == AnyPartition ? ref _inFlightAnywhere : ref _partitions[partition].InFlight;

    private void AskCommitted()
    {
        try
        {
            var committed = _reader.Value.Committed([.. _partitions.Select((_, i) => new TopicPartition(clients.Options.Topic, i))], Timeout);
            lock (_gate)
            {
                foreach (var (partition, offset) in committed.Select(c => (c.Partition.Value, c.Offset)))
                {
                    if (!offset.IsSpecial)
                    {
                        _partitions[partition].DropBelow(offset.Value);
                    }
                }
            }
        }
        catch (KafkaException)
        {
            // Asked again soon.
        }
    }

    /// <summary>A message's place in the broker.</summary>
    /// <param name="Partition">Where it goes, or <see cref="AnyPartition"/>.</param>
    /// <param name="Cost">Bytes.</param>
    public readonly record struct Reservation(int Partition, int Cost);

    /// <summary>What messages take up that are sent together, in bytes, by where they go.</summary>
    public sealed class Costs(int partitions)
    {
        private readonly int[] _bytes = new int[partitions + 1];

        public int Of(int partition) => _bytes[partition + 1];

        public void Add(int partition, int cost) => _bytes[partition + 1] += cost;

        public void Clear() => Array.Clear(_bytes);
    }

    /// <summary>What one partition holds that is not committed.</summary>
    private sealed class Retained
    {
        private readonly Queue<(long Last, int Bytes)> _chunks = new();
        private long _last;
        private int _open;

        /// <summary>Bytes that are on their way to it.</summary>
        public long InFlight;

        public long Bytes { get; private set; }

        public void Add(long offset, int cost)
        {
            Bytes += cost;
            _last = offset;
            _open += cost;
            if (_open >= ChunkBytes)
            {
                _chunks.Enqueue((offset, _open));
                _open = 0;
            }
        }

        public void DropBelow(long offset)
        {
            while (_chunks.TryPeek(out var chunk) && chunk.Last < offset)
            {
                _chunks.Dequeue();
                Bytes -= chunk.Bytes;
            }

            if (_chunks.Count == 0 && _last < offset)
            {
                Bytes -= _open;
                _open = 0;
            }
        }
    }
}
