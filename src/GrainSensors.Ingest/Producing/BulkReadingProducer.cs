using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>
/// Produces many readings at the highest rate, for one caller: readings are collected in chunks, which the client takes as a
/// whole. It is idempotent and uses the same keys as <see cref="ReadingProducer"/>, whose callers wait for single readings.
/// </summary>
/// <remarks>A caller that pauses must call <see cref="SendAsync"/> first. Otherwise only full chunks are sent.</remarks>
public sealed class BulkReadingProducer : IAsyncDisposable
{
    private const int ChunkCapacity = 512;
    private const int ChunkBytes = 128 * 1024;

    /// <summary>The length of the longest sensor id as text.</summary>
    private const int MaxKeyLength = 11;

    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FlushStep = TimeSpan.FromMilliseconds(100);

    private readonly KafkaOptions _options;
    private readonly DeliveryTracker _deliveries;
    private readonly TimeProvider _clock;
    private readonly Lazy<BulkProducer> _producer;
    private MessageChunk _chunk = new(0, 0);
    private RetentionGuard? _guard;
    private RetentionGuard.Costs? _costs;
    private long _taken;
    private bool _isConnected;
    private bool _chunksAreFull;
    private bool _disposed;

    /// <param name="clients">Creates the Kafka client on first use.</param>
    /// <param name="deliveries">Tracks the readings.</param>
    /// <param name="clock">Measures waits.</param>
    /// <param name="linger">How long a reading waits for others to share a batch.</param>
    internal BulkReadingProducer(KafkaClients clients, DeliveryTracker deliveries, TimeProvider clock, TimeSpan linger)
    {
        _options = clients.Options;
        _deliveries = deliveries;
        _clock = clock;
        _producer = new(() => clients.BulkProducer(_options.Topic, linger, new Reports(this, clients)));
    }

    /// <summary>The number of readings that the client has queued.</summary>
    public long Sent => Volatile.Read(ref _taken);

    /// <inheritdoc cref="ReadingProducer.Acknowledged"/>
    public long Acknowledged => _deliveries.Acknowledged;

    /// <inheritdoc cref="ReadingProducer.Failed"/>
    public long Failed => _deliveries.Failed;

    /// <inheritdoc cref="ReadingProducer.Failure"/>
    public string? Failure => _deliveries.Failure;

    /// <inheritdoc cref="ReadingProducer.IsHolding"/>
    public bool IsHolding => _deliveries.IsHolding;

    /// <inheritdoc cref="ReadingProducer.LastOffsets"/>
    public IReadOnlyDictionary<int, long> LastOffsets => _deliveries.LastOffsets;

    /// <summary>Creates the client and waits for the first answer of the broker. Without this call the first reading does so.</summary>
    /// <exception cref="KafkaUnavailableException">The broker does not answer.</exception>
    public async ValueTask ConnectAsync()
    {
        if (!_isConnected)
        {
            _guard = await KafkaUnavailableException.GuardAsync(_options, () => _deliveries.GuardAsync().AsTask());
            _costs = _guard?.NewCosts();
            _chunk = NewChunk((int)Math.Min(ChunkBytes, _producer.Value.ByteCapacity));
            _isConnected = true;
        }
    }

    /// <summary>Appends one reading. <see cref="SendAsync"/> and then <see cref="FlushAsync"/> wait for all acknowledgements.</summary>
    /// <param name="sensorId">The sensor.</param>
    /// <param name="json">The reading as JSON. It is copied before the call completes.</param>
    /// <param name="key">False: the reading has no key, as from older producers, and goes to any partition.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for a full client or for the embedded broker. The reading is then not appended, but earlier ones still are.
    /// </param>
    /// <exception cref="KafkaUnavailableException">The broker does not answer.</exception>
    public ValueTask AppendAsync(int sensorId, ReadOnlyMemory<byte> json, bool key = true, CancellationToken cancellationToken = default) =>
        _isConnected && TryAdd(sensorId, default, json.Span, key)
            ? default
            : MakeRoomAsync(sensorId, default, json, key, cancellationToken);

    /// <param name="name">The name of the sensor as UTF-8, which is the key.</param>
    /// <inheritdoc cref="AppendAsync(int, ReadOnlyMemory{byte}, bool, CancellationToken)"/>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        _isConnected && TryAdd(SensorName.NoNumber, name.Span, json.Span, hasKey: true)
            ? default
            : MakeRoomAsync(SensorName.NoNumber, name, json, key: true, cancellationToken);

    /// <summary>Passes the collected readings to the client.</summary>
    /// <exception cref="OperationCanceledException">The client has not taken them. They are kept for the next call.</exception>
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

    /// <summary>Waits until every reading that was sent has been acknowledged or has failed.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            while (_producer.IsValueCreated && !_producer.Value.Flush(FlushStep))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        },
        cancellationToken);

    /// <summary>Waits up to 5 s for the readings in flight, and closes the client.</summary>
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

    private async ValueTask MakeRoomAsync(
        int sensorId, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> json, bool key, CancellationToken cancellationToken)
    {
        await ConnectAsync();
        _chunksAreFull = _chunk.Count > 0;
        await SendAsync(cancellationToken);
        if (!TryAdd(sensorId, name.Span, json.Span, key))
        {
            _chunk = NewChunk(json.Length + Math.Max(MaxKeyLength, name.Length));
            TryAdd(sensorId, name.Span, json.Span, key);
        }
    }

    private MessageChunk NewChunk(int bytes) => new(Math.Min(ChunkCapacity, _producer.Value.Capacity), bytes);

    /// <param name="name">Empty: the sensor has an id.</param>
    private bool TryAdd(int sensorId, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, bool hasKey)
    {
        Span<byte> buffer = stackalloc byte[MaxKeyLength];
        ReadOnlySpan<byte> key = !name.IsEmpty ? name
            : hasKey && sensorId.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture)
            ? buffer[..length]
            : default;
        if (_guard is null)
        {
            return _chunk.TryAdd(key, json, 0);
        }

        var partition = hasKey ? _guard.PartitionOf(key) : RetentionGuard.AnyPartition;
        var cost = BatchCost.Of(key.Length, json.Length, sharesBatch: _chunksAreFull);
        var reservation = new RetentionGuard.Reservation(partition, cost);
        if (!_chunk.TryAdd(key, json, TagOf(reservation)))
        {
            return false;
        }

        _costs!.Add(reservation.Partition, reservation.Cost);
        return true;
    }

    /// <summary>Packs a reservation into the tag of a message, because the report of a refused message has no partition.</summary>
    private static nint TagOf(RetentionGuard.Reservation reservation) =>
        (nint)(((long)reservation.Partition << 32) | (uint)reservation.Cost);

    private static RetentionGuard.Reservation ReservationOf(nint tag) => new((int)((long)tag >> 32), (int)tag);

    /// <summary>Receives the delivery reports, on the thread of the client.</summary>
    private sealed class Reports(BulkReadingProducer producer, KafkaClients clients) : IBulkReports
    {
        public void OnDelivered(ReportedMessages messages)
        {
            // Consecutive reports of the same partition are passed on together.
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
            producer._deliveries.Fail(reason);
        }

        public void OnError(Error error) => clients.Log(error);

        public void OnLog(string facility, string message) => clients.Log(facility, message);

        private void Acknowledge(int partition, long lastOffset, int count, RetentionGuard.Reservation reserved)
        {
            if (count > 0)
            {
                producer._guard?.Delivered(reserved, partition, lastOffset);
                producer._deliveries.Acknowledge(partition, lastOffset, count);
            }
        }
    }
}
