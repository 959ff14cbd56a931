using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>
/// Appends readings to the topic as fast as can be, for one caller that has many: they gather in a chunk, which the client
/// takes at once. Idempotent and keyed as with <see cref="ReadingProducer"/>, which is for readings that somebody waits for.
/// </summary>
/// <remarks>Whoever pauses calls <see cref="SendAsync"/> first; nothing else sends a chunk that is not full.</remarks>
public sealed class BulkReadingProducer : IAsyncDisposable
{
    private const int ChunkCapacity = 512;
    private const int ChunkBytes = 128 * 1024;

    /// <summary>The longest sensor id as text.</summary>
    private const int MaxKeyLength = 11;

    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FlushStep = TimeSpan.FromMilliseconds(100);

    private readonly KafkaOptions _options;
    private readonly DeliveryTracker _sent;
    private readonly TimeProvider _clock;
    private readonly Lazy<BulkProducer> _producer;
    private MessageChunk _chunk = new(0, 0);
    private RetentionGuard? _guard;
    private RetentionGuard.Costs? _costs;
    private long _taken;
    private bool _isConnected;
    private bool _chunksAreFull;
    private bool _disposed;

    /// <param name="linger">How long a reading waits for others to share a batch.</param>
    /// <param name="sent">Is told what becomes of the readings.</param>
    internal BulkReadingProducer(KafkaClients clients, DeliveryTracker sent, TimeProvider clock, TimeSpan linger)
    {
        _options = clients.Options;
        _sent = sent;
        _clock = clock;
        _producer = new(() => clients.BulkProducer(linger, new Reports(this, clients)));
    }

    /// <summary>Readings that the client has taken.</summary>
    public long Sent => Volatile.Read(ref _taken);

    /// <inheritdoc cref="ReadingProducer.Acknowledged"/>
    public long Acknowledged => _sent.Acknowledged;

    /// <inheritdoc cref="ReadingProducer.Failed"/>
    public long Failed => _sent.Failed;

    /// <inheritdoc cref="ReadingProducer.Failure"/>
    public string? Failure => _sent.Failure;

    /// <inheritdoc cref="ReadingProducer.IsHolding"/>
    public bool IsHolding => _sent.IsHolding;

    /// <inheritdoc cref="ReadingProducer.LastOffsets"/>
    public IReadOnlyDictionary<int, long> LastOffsets => _sent.LastOffsets;

    /// <summary>Makes the client, and waits for the broker's first answer; otherwise the first reading does.</summary>
    /// <exception cref="KafkaUnavailableException">It does not answer.</exception>
    public async ValueTask ConnectAsync()
    {
        if (!_isConnected)
        {
            _guard = await KafkaUnavailableException.GuardAsync(_options, () => _sent.GuardAsync().AsTask());
            _costs = _guard?.NewCosts();
            _chunk = NewChunk((int)Math.Min(ChunkBytes, _producer.Value.ByteCapacity));
            _isConnected = true;
        }
    }

    /// <summary>Appends one reading; <see cref="SendAsync"/> and then <see cref="FlushAsync"/> wait for the acknowledgements of all.</summary>
    /// <param name="json">Copied before it completes.</param>
    /// <param name="key">False: without a key, as the old producers do; the reading then goes to any partition.</param>
    /// <param name="cancellationToken">Gives up the wait for a client that is full or a broker that holds enough; the reading is not appended then, those before it still are.</param>
    /// <exception cref="KafkaUnavailableException">The broker does not answer at all.</exception>
    public ValueTask AppendAsync(int sensorId, ReadOnlyMemory<byte> json, bool key = true, CancellationToken cancellationToken = default) =>
        _isConnected && TryAdd(sensorId, json.Span, key) ? default : MakeRoomAsync(sensorId, json, key, cancellationToken);

    /// <summary>Hands to the client what has gathered.</summary>
    /// <exception cref="OperationCanceledException">It has not taken it; what has gathered is still here.</exception>
    public async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_chunk.Count == 0)
        {
            return;
        }

        if (_guard is not null)
        {
            await _guard.ReserveAsync(_costs!, cancellationToken);
        }

        try
        {
            while (!_producer.Value.TryProduce(_chunk))
            {
                await Task.Delay(QueueFullPause, _clock, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            _guard?.Release(_costs!);
            throw;
        }

        Volatile.Write(ref _taken, _taken + _chunk.Count);
        _chunk.Clear();
        _costs?.Clear();
    }

    /// <summary>Waits until every reading that was sent was acknowledged or has failed.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            while (_producer.IsValueCreated && !_producer.Value.Flush(FlushStep))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_producer.IsValueCreated)
        {
            await Task.Run(() =>
            {
                _producer.Value.Flush(FlushTimeout);
                _producer.Value.Dispose();
            });
        }
    }

    private async ValueTask MakeRoomAsync(int sensorId, ReadOnlyMemory<byte> json, bool key, CancellationToken cancellationToken)
    {
        await ConnectAsync();
        _chunksAreFull = _chunk.Count > 0;
        await SendAsync(cancellationToken);
        if (!TryAdd(sensorId, json.Span, key))
        {
            _chunk = NewChunk(json.Length + MaxKeyLength);
            TryAdd(sensorId, json.Span, key);
        }
    }

    private MessageChunk NewChunk(int bytes) => new(Math.Min(ChunkCapacity, _producer.Value.Capacity), bytes);

    private bool TryAdd(int sensorId, ReadOnlySpan<byte> json, bool hasKey)
    {
        Span<byte> buffer = stackalloc byte[MaxKeyLength];
        ReadOnlySpan<byte> key = hasKey && sensorId.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture) ? buffer[..length] : default;
        if (_guard is null)
        {
            return _chunk.TryAdd(key, json, 0);
        }

        var partition = hasKey ? _guard.PartitionOf(sensorId) : RetentionGuard.AnyPartition;
        var reservation = new RetentionGuard.Reservation(partition, BatchCost.Of(key.Length, json.Length, sharesBatch: _chunksAreFull));
        if (!_chunk.TryAdd(key, json, TagOf(reservation)))
        {
            return false;
        }

        _costs!.Add(reservation.Partition, reservation.Cost);
        return true;
    }

    /// <summary>A message's report must say what was reserved for it: one that was refused has seen no partition.</summary>
    private static nint TagOf(RetentionGuard.Reservation reservation) => (nint)(((long)reservation.Partition << 32) | (uint)reservation.Cost);

    private static RetentionGuard.Reservation ReservationOf(nint tag) => new((int)((long)tag >> 32), (int)tag);

    /// <summary>On the client's thread.</summary>
    private sealed class Reports(BulkReadingProducer producer, KafkaClients clients) : IBulkReports
    {
        public void OnDelivered(ReportedMessages messages)
        {
            // Those that follow each other in a partition are told of together.
            var (partition, lastOffset, count, reserved) = (-1, -1L, 0, default(RetentionGuard.Reservation));
            for (var i = 0; i < messages.Count; i++)
            {
                ref readonly var message = ref messages[i];
                if (message.Error != ErrorCode.NoError)
                {
                    Failed(in message, new Error(message.Error).Reason);
                    continue;
                }

                var reservation = ReservationOf(message.Tag);
                if (message.Partition != partition || reservation.Partition != reserved.Partition)
                {
                    Acknowledge(partition, lastOffset, count, reserved);
                    (partition, lastOffset, count, reserved) = (message.Partition, -1, 0, new(reservation.Partition, 0));
                }

                count++;
                lastOffset = Math.Max(lastOffset, message.Offset);
                reserved = reserved with { Cost = reserved.Cost + reservation.Cost };
            }

            Acknowledge(partition, lastOffset, count, reserved);
        }

        public void Failed(in NativeMessage message, string reason)
        {
            producer._guard?.Failed(ReservationOf(message.Tag));
            producer._sent.Fail(reason);
        }

        public void OnError(Error error) => clients.Log(error);

        public void OnLog(string facility, string message) => clients.Log(facility, message);

        private void Acknowledge(int partition, long lastOffset, int count, RetentionGuard.Reservation reserved)
        {
            if (count > 0)
            {
                producer._guard?.Delivered(reserved, partition, lastOffset);
                producer._sent.Acknowledge(partition, lastOffset, count);
            }
        }
    }
}
