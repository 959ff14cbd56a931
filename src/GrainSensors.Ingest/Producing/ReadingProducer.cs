using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Diagnostics;
using Confluent.Kafka;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Telemetry;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>
/// Produces readings to the topic, keyed by their sensor. The producer is idempotent, so that a reading is in the log once, even
/// if the client sent it several times.
/// </summary>
public sealed class ReadingProducer : IAsyncDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly TimeProvider _clock;
    private readonly DeliveryTracker _deliveries;
    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer;
    private readonly ConcurrentDictionary<int, byte[]> _keys = new();
    private readonly ConcurrentDictionary<RetentionGuard.Reservation, Action<DeliveryReport<byte[]?, byte[]?>>>
        _deliveredByReservation = new();
    private int _disposed;

    /// <param name="clients">Creates the Kafka client on first use.</param>
    /// <param name="deliveries">Tracks the readings of this producer and of others.</param>
    /// <param name="clock">Measures waits.</param>
    /// <param name="linger">How long a reading waits for others to share a batch.</param>
    internal ReadingProducer(KafkaClients clients, DeliveryTracker deliveries, TimeProvider clock, TimeSpan linger)
    {
        _clients = clients;
        _clock = clock;
        _deliveries = deliveries;
        _producer = new(() => clients.Producer(linger));
    }

    /// <summary>The number of readings of this process that Kafka has acknowledged.</summary>
    public long Acknowledged => _deliveries.Acknowledged;

    /// <summary>The number of readings of this process that Kafka refused or that timed out.</summary>
    public long Failed => _deliveries.Failed;

    /// <summary>Why the last reading failed. Null if none has failed.</summary>
    public string? Failure => _deliveries.Failure;

    /// <summary>Readings wait, because the embedded broker would remove messages that the silos have not processed.</summary>
    public bool IsHolding => _deliveries.IsHolding;

    /// <summary>The offset of the last acknowledged reading, by partition.</summary>
    public IReadOnlyDictionary<int, long> LastOffsets => _deliveries.LastOffsets;

    /// <summary>Waits for the first answer of the broker. Readings that are published in parallel before it have no order.</summary>
    /// <exception cref="ReadingNotPublishedException">The broker does not answer.</exception>
    public async Task ConnectAsync()
    {
        try
        {
            await _deliveries.GuardAsync();
        }
        catch (KafkaException e)
        {
            throw NotPublished(e.Error.Reason);
        }
    }

    /// <summary>No reading of a sensor grain is in flight.</summary>
    public bool IsIdle => _deliveries.IsIdle;

    /// <summary>Produces one reading, keyed by its sensor.</summary>
    /// <param name="key">The id of the sensor as text, or its name.</param>
    /// <param name="json">The reading as JSON. It is copied before the call returns.</param>
    /// <returns>Completes when Kafka has acknowledged the reading.</returns>
    /// <exception cref="ReadingNotPublishedException">Kafka refused the reading, or the delivery timed out.</exception>
    public Task PublishAsync(byte[] key, ReadOnlySpan<byte> json)
    {
        var result = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = PublishAsync(key, json.ToArray(), result);
        return result.Task;
    }

    /// <summary>Produces one reading without waiting for its acknowledgement. <see cref="FlushAsync"/> waits for all.</summary>
    /// <param name="sensorId">The sensor.</param>
    /// <param name="json">The reading as JSON.</param>
    /// <param name="key">False: the reading has no key, as from older producers, and goes to any partition.</param>
    /// <param name="cancellationToken">Cancels the wait for a full client or for the embedded broker.</param>
    /// <returns>Completes when the client has queued the reading.</returns>
    /// <exception cref="ReadingNotPublishedException">The client refused the reading.</exception>
    public ValueTask AppendAsync(int sensorId, byte[] json, bool key = true, CancellationToken cancellationToken = default) =>
        AppendAsync(key ? KeyOf(sensorId) : null, json, cancellationToken);

    /// <param name="key">The id of the sensor as text, or its name. Null for a reading without a key.</param>
    /// <inheritdoc cref="AppendAsync(int, byte[], bool, CancellationToken)"/>
    public ValueTask AppendAsync(byte[]? key, byte[] json, CancellationToken cancellationToken) =>
        SendAsync(key, json, null, cancellationToken);

    /// <summary>Waits until every reading has been acknowledged or has failed.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            while (_producer.Value.Flush(TimeSpan.FromMilliseconds(100)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        },
        cancellationToken);

    /// <summary>Waits up to 5 s for the readings in flight, and closes the client.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        if (_producer.IsValueCreated)
        {
            await Task.Run(() => _producer.Value.Flush(FlushTimeout));
            _producer.Value.Dispose();
        }
    }

    private async Task PublishAsync(byte[] key, byte[] json, TaskCompletionSource result)
    {
        try
        {
            await SendAsync(key, json, Reported, CancellationToken.None);
        }
        catch (Exception e)
        {
            result.SetException(e);
        }

        void Reported(Error error)
        {
            if (error.IsError)
            {
                result.SetException(NotPublished(error.Reason));
            }
            else
            {
                result.SetResult();
            }
        }
    }

    /// <param name="key">Null for a reading without a key.</param>
    /// <param name="json">The reading as JSON.</param>
    /// <param name="reported">Receives the delivery report.</param>
    /// <param name="cancellationToken">Cancels the wait for a full client or for the embedded broker.</param>
    private async ValueTask SendAsync(
        byte[]? key, byte[] json, Action<Error>? reported, CancellationToken cancellationToken)
    {
        var (guard, reservation) = (default(RetentionGuard), default(RetentionGuard.Reservation));
        var span = ReadingTraces.Send(_clients.Options.Topic);
        try
        {
            guard = await _deliveries.GuardAsync();
            if (guard is not null)
            {
                var partition = key is null ? RetentionGuard.AnyPartition : guard.PartitionOf(key);
                reservation = await guard.ReserveAsync(partition, key?.Length ?? 0, json.Length, cancellationToken);
            }

            var headers = span is null ? null : ReadingTraces.Headers(span);
            await ProduceAsync(key, json, headers, Delivery(reported, guard, reservation, span), cancellationToken);
        }
        catch (Exception e)
        {
            guard?.Failed(reservation);
            if (span is not null)
            {
                ReadingTraces.NotSent(span, e.Message);
            }

            if (e is KafkaException { Error.Reason: var reason })
            {
                throw NotPublished(reason);
            }

            throw;
        }
    }

    private async ValueTask ProduceAsync(
        byte[]? key, byte[] json, Headers? headers, Action<DeliveryReport<byte[]?, byte[]?>> delivered, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _producer.Value.Produce(_clients.Options.Topic, new() { Key = key, Value = json, Headers = headers }, delivered);
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueueFullPause, _clock, cancellationToken);
            }
        }
    }

    /// <summary>Readings without a waiting sender share one delegate for each reservation, of which there are few.</summary>
    private Action<DeliveryReport<byte[]?, byte[]?>> Delivery(
        Action<Error>? reported, RetentionGuard? guard, RetentionGuard.Reservation reservation, Activity? span) =>
        reported is null && span is null
            ? _deliveredByReservation.GetOrAdd(
                reservation,
                static (reservation, it) => report => it.Producer.Delivered(report, it.Guard, reservation, null),
                (Producer: this, Guard: guard))
            : report =>
            {
                Delivered(report, guard, reservation, span);
                reported?.Invoke(report.Error);
            };

    private void Delivered(
        DeliveryReport<byte[]?, byte[]?> report, RetentionGuard? guard, RetentionGuard.Reservation reservation, Activity? span)
    {
        if (report.Error.IsError)
        {
            guard?.Failed(reservation);
            _deliveries.Fail(report.Error.Reason);
            if (span is not null)
            {
                ReadingTraces.NotSent(span, report.Error.Reason);
            }

            return;
        }

        if (span is not null)
        {
            ReadingTraces.Sent(span, report.Partition, report.Offset);
        }

        guard?.Delivered(reservation, report.Partition, report.Offset);
        _deliveries.Acknowledge(report.Partition, report.Offset);
    }

    private ReadingNotPublishedException NotPublished(string reason) =>
        new($"The topic \"{_clients.Options.Topic}\" did not accept the reading: {reason}");

    private byte[] KeyOf(int sensorId) =>
        _keys.GetOrAdd(sensorId, static id => Encoding.UTF8.GetBytes(id.ToString(CultureInfo.InvariantCulture)));
}
