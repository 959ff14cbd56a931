using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Embedded;

/// <summary>
/// Makes producers to the embedded broker wait while the consumer group lags. The broker deletes the oldest messages of a partition
/// silently, and the guard keeps every message that has no checkpoint.
/// </summary>
/// <remarks>It counts the bytes that were produced and not committed, by <see cref="BatchCost"/>.</remarks>
internal sealed class RetentionGuard(KafkaClients clients, int partitions, TimeProvider clock) : IDisposable
{
    /// <summary>The partition of a message without a key: the client chooses it.</summary>
    public const int AnyPartition = -1;

    /// <summary>A fifth of the retention is left for other producers.</summary>
    private const long MaxRetained = EmbeddedBroker.RetentionBytes * 4 / 5;

    /// <summary>Deliveries are recorded in chunks of this size.</summary>
    private const int ChunkBytes = 16 * 1024;

    private static readonly TimeSpan QueryInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _querying = new(1, 1);
    private readonly Retained[] _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new Retained())];
    private readonly Lazy<IConsumer<Ignore, Ignore>> _reader = new(clients.OffsetReader);
    private long _inFlightAnywhere;
    private readonly BatchCost _cost = new(clock);
    private volatile bool _isHolding;

    /// <summary>Whether messages wait for the group to catch up and to checkpoint.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>The partition of a sensor's readings.</summary>
    public int PartitionOf(int sensorId) => KeyPartitioner.PartitionOf(sensorId, partitions);

    public int PartitionOf(ReadOnlySpan<byte> key) => KafkaPartitioner.PartitionOf(key, partitions);

    /// <summary>Waits until the message may be produced.</summary>
    /// <param name="partition">The partition of the message, or <see cref="AnyPartition"/>.</param>
    /// <returns>The reservation for <see cref="Delivered"/> or <see cref="Failed"/>.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is reserved.</exception>
    public ValueTask<Reservation> ReserveAsync(int partition, int keyLength, int valueLength, CancellationToken cancellationToken)
    {
        Reservation reservation;
        lock (_gate)
        {
            reservation = new(partition, _cost.Next(keyLength, valueLength));
            if (TryTake(reservation))
            {
                return new(reservation);
            }
        }

        return new(WaitAsync(reservation, cancellationToken));
    }

    /// <summary>Waits until many messages may be produced together. It reserves all or none.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is reserved.</exception>
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

    /// <summary>Costs of messages that are produced together.</summary>
    public Costs NewCosts() => new(partitions);

    /// <summary>Notes that the broker has acknowledged the message.</summary>
    public void Delivered(Reservation reservation, int partition, long offset)
    {
        lock (_gate)
        {
            InFlight(reservation.Partition) -= reservation.Cost;
            _partitions[partition].Add(offset, reservation.Cost);
        }
    }

    /// <summary>Notes that the broker has rejected the message.</summary>
    public void Failed(Reservation reservation)
    {
        lock (_gate)
        {
            InFlight(reservation.Partition) -= reservation.Cost;
        }
    }

    /// <summary>Notes that the client has rejected the messages.</summary>
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

        _querying.Dispose();
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
        // One waiting producer queries for all of them. They continue in the order of their arrival.
        await _querying.WaitAsync(cancellationToken);
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
                await Task.Run(QueryCommitted, cancellationToken);
                await Task.Delay(QueryInterval, clock, cancellationToken);
            }
        }
        finally
        {
            _isHolding = false;
            _querying.Release();
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

    /// <summary>Messages without a key count in every partition, because the client chooses theirs later.</summary>
    private bool HasRoom(Retained partition, int cost) => partition.Bytes + partition.InFlight + _inFlightAnywhere + cost <= MaxRetained;

    private ref long InFlight(int partition) => ref partition == AnyPartition ? ref _inFlightAnywhere : ref _partitions[partition].InFlight;

    private void QueryCommitted()
    {
        try
        {
            var topic = clients.Options.Topic;
            var committed = _reader.Value.Committed([.. _partitions.Select((_, i) => new TopicPartition(topic, i))], Timeout);
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
            // The next query follows soon.
        }
    }

    /// <summary>Space in the broker for a message.</summary>
    /// <param name="Partition">The partition of the message, or <see cref="AnyPartition"/>.</param>
    /// <param name="Cost">Size in bytes.</param>
    public readonly record struct Reservation(int Partition, int Cost);

    /// <summary>Size in bytes of messages that are produced together, by partition.</summary>
    public sealed class Costs(int partitions)
    {
        private readonly int[] _bytes = new int[partitions + 1];

        public int Of(int partition) => _bytes[partition + 1];

        public void Add(int partition, int cost) => _bytes[partition + 1] += cost;

        public void Clear() => Array.Clear(_bytes);
    }

    /// <summary>The uncommitted messages of a partition.</summary>
    private sealed class Retained
    {
        private readonly Queue<(long Last, int Bytes)> _chunks = new();
        private long _last;
        private int _open;

        /// <summary>Bytes of messages that the broker has not acknowledged.</summary>
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
