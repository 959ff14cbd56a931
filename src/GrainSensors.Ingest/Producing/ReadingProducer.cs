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
/// Appends readings to the topic, keyed by their sensor, in bulk: idempotent, so that a reading is in the log once however
/// often the client had to send it.
/// </summary>
public sealed class ReadingProducer : IAsyncDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly TimeProvider _clock;
    private readonly DeliveryTracker _sent;
    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer;
    private readonly ConcurrentDictionary<int, byte[]> _keys = new();
    private readonly ConcurrentDictionary<RetentionGuard.Reservation, Action<DeliveryReport<byte[]?, byte[]?>>> _deliveredByReservation = new();
    private int _disposed;

    /// <param name="linger">How long a reading waits for others to share a batch.</param>
    /// <param name="sent">Is told what becomes of the readings, and knows of those that others have sent.</param>
    internal ReadingProducer(KafkaClients clients, DeliveryTracker sent, TimeProvider clock, TimeSpan linger)
    {
        _clients = clients;
        _clock = clock;
        _sent = sent;
        _producer = new(() => clients.Producer(linger));
    }

    /// <summary>Readings that the log has acknowledged.</summary>
    public long Acknowledged => _sent.Acknowledged;

    /// <summary>Readings that the log did not take.</summary>
    public long Failed => _sent.Failed;

    /// <summary>Why the last one failed; null: none has.</summary>
    public string? Failure => _sent.Failure;

    /// <summary>Readings wait at present because the embedded broker would drop what the silos have not worked off.</summary>
    public bool IsHolding => _sent.IsHolding;

    /// <summary>By partition, the offset of the last reading that was acknowledged.</summary>
    public IReadOnlyDictionary<int, long> LastOffsets => _sent.LastOffsets;

    /// <summary>Waits for the broker's first answer: what is published at once before that is taken in any order.</summary>
    /// <exception cref="ReadingNotPublishedException">It does not answer.</exception>
    public async Task ConnectAsync()
    {
        try
        {
            await _sent.GuardAsync();
        }
        catch (KafkaException e)
        {
            throw NotPublished(e.Error.Reason);
        }
    }

    /// <summary>Of the readings of sensors that are grains, none is on its way.</summary>
    public bool IsSettled => _sent.IsSettled;

    /// <summary>Appends one reading, keyed by its sensor.</summary>
    /// <param name="json">The reading in its contract JSON; copied before the call returns.</param>
    /// <returns>When the log has acknowledged it.</returns>
    /// <exception cref="ReadingNotPublishedException">It is not in the log.</exception>
    public Task PublishAsync(int sensorId, ReadOnlySpan<byte> json)
    {
        var result = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = PublishAsync(sensorId, json.ToArray(), result);
        return result.Task;
    }

    /// <summary>Appends one reading without waiting for its acknowledgement; <see cref="FlushAsync"/> waits for all.</summary>
    /// <param name="key">False: without a key, as the old producers do; the reading then goes to any partition.</param>
    /// <param name="cancellationToken">Gives up the wait for a client that is full or a broker that holds enough.</param>
    /// <returns>When the client has taken it.</returns>
    /// <exception cref="ReadingNotPublishedException">The client refuses it.</exception>
    public ValueTask AppendAsync(int sensorId, byte[] json, bool key = true, CancellationToken cancellationToken = default) =>
        SendAsync(key ? sensorId : null, json, null, cancellationToken);

    /// <summary>Waits until every reading was acknowledged or has failed.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            while (_producer.Value.Flush(TimeSpan.FromMilliseconds(100)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        },
        cancellationToken);

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

    private async Task PublishAsync(int sensorId, byte[] json, TaskCompletionSource result)
    {
        try
        {
            await SendAsync(sensorId, json, Reported, CancellationToken.None);
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

    /// <param name="sensorId">The key; null: none.</param>
    private async ValueTask SendAsync(int? sensorId, byte[] json, Action<Error>? reported, CancellationToken cancellationToken)
    {
        var key = sensorId is { } id ? KeyOf(id) : null;
        var (guard, reservation) = (default(RetentionGuard), default(RetentionGuard.Reservation));
        var span = ReadingTraces.Send(_clients.Options.Topic);
        try
        {
            guard = await _sent.GuardAsync();
            if (guard is not null)
            {
                var partition = sensorId is { } sensor ? guard.PartitionOf(sensor) : RetentionGuard.AnyPartition;
                reservation = await guard.ReserveAsync(partition, key?.Length ?? 0, json.Length, cancellationToken);
            }

            await ProduceAsync(
                key, json, span is null ? null : ReadingTraces.Headers(span), Delivery(reported, guard, reservation, span), cancellationToken);
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

    /// <summary>Of the readings that nobody waits for there are many, but few that differ in what they take up: they share a delegate.</summary>
    private Action<DeliveryReport<byte[]?, byte[]?>> Delivery(Action<Error>? reported, RetentionGuard? guard, RetentionGuard.Reservation reservation, Activity? span) =>
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

    private void Delivered(DeliveryReport<byte[]?, byte[]?> report, RetentionGuard? guard, RetentionGuard.Reservation reservation, Activity? span)
    {
        if (report.Error.IsError)
        {
            guard?.Failed(reservation);
            _sent.Fail(report.Error.Reason);
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
        _sent.Acknowledge(report.Partition, report.Offset);
    }

    private ReadingNotPublishedException NotPublished(string reason) => new($"The topic \"{_clients.Options.Topic}\" did not take the reading: {reason}");

    private byte[] KeyOf(int sensorId) =>
        _keys.GetOrAdd(sensorId, static id => Encoding.UTF8.GetBytes(id.ToString(CultureInfo.InvariantCulture)));
}
