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
    private readonly Dictionary<int, Retained> _partitions = [];
    private readonly Lazy<IConsumer<Ignore, Ignore>> _reader = new(clients.OffsetReader);
    private long _inFlight;
    private long _fullest;
    private TimeSpan _interval = TimeSpan.FromSeconds(1);
    private long _last = clock.GetTimestamp();
    private volatile bool _isHolding;

    /// <summary>Messages wait at present for the group to catch up.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>Where the readings of a sensor go.</summary>
    public int PartitionOf(int sensorId) => KeyPartitioner.PartitionOf(sensorId, partitions);

    /// <summary>Completes when the message may be produced.</summary>
    /// <returns>What it costs, to be told to <see cref="Delivered"/> or <see cref="Failed"/>.</returns>
    /// <exception cref="OperationCanceledException">It waited in vain; nothing is reserved.</exception>
    public ValueTask<int> ReserveAsync(int keyLength, int valueLength, CancellationToken cancellationToken)
    {
        int cost;
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _interval += (clock.GetElapsedTime(_last, now) - _interval) / Smoothing;
            _last = now;
            cost = keyLength + valueLength + (_interval < SharedBelow ? SharedOverhead : LoneOverhead);
            if (HasRoom(cost))
            {
                _inFlight += cost;
                return new(cost);
            }
        }

        return new(WaitAsync(cost, cancellationToken));
    }

    /// <summary>The broker has the message.</summary>
    public void Delivered(int partition, long offset, int cost)
    {
        lock (_gate)
        {
            _inFlight -= cost;
            if (!_partitions.TryGetValue(partition, out var retained))
            {
                _partitions.Add(partition, retained = new());
            }

            retained.Add(offset, cost);
            _fullest = Math.Max(_fullest, retained.Bytes);
        }
    }

    /// <summary>The broker did not take the message.</summary>
    public void Failed(int cost)
    {
        lock (_gate)
        {
            _inFlight -= cost;
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

    private async Task<int> WaitAsync(int cost, CancellationToken cancellationToken)
    {
        // One asks for all that wait; they go on in the order in which they came.
        await _asking.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (HasRoom(cost))
                    {
                        _inFlight += cost;
                        return cost;
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

    // Where what is in flight will go is not known, so it counts for the fullest partition.
    private bool HasRoom(int cost) => _fullest + _inFlight + cost <= MaxRetained;

    private void AskCommitted()
    {
        TopicPartition[] partitions;
        lock (_gate)
        {
            partitions = [.. _partitions.Keys.Select(partition => new TopicPartition(clients.Options.Topic, partition))];
        }

        try
        {
            var committed = _reader.Value.Committed(partitions, Timeout);
            lock (_gate)
            {
                foreach (var (partition, offset) in committed.Select(c => (c.Partition.Value, c.Offset)))
                {
                    if (!offset.IsSpecial)
                    {
                        _partitions[partition].DropBelow(offset.Value);
                    }
                }

                _fullest = _partitions.Values.Select(retained => retained.Bytes).DefaultIfEmpty().Max();
            }
        }
        catch (KafkaException)
        {
            // Asked again soon.
        }
    }

    /// <summary>What one partition holds that is not committed.</summary>
    private sealed class Retained
    {
        private readonly Queue<(long Last, int Bytes)> _chunks = new();
        private long _last;
        private int _open;

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
