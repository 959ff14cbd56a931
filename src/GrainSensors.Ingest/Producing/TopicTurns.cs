using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>
/// Hands the messages of a topic to the client in the order of the calls. Messages wait while the client is full, and before the embedded
/// broker would remove those that have no checkpoint.
/// </summary>
internal sealed class TopicTurns(string topic, RenewableProducer producer, DeliveryTracker deliveries, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Those that wait get it in the order of their arrival.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Whether messages wait for the silos to read earlier ones.</summary>
    public bool IsHolding => deliveries.IsHolding;

    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="KafkaException">The broker does not answer, or the client does not take the message.</exception>
    public async Task<Task<DeliveryReport<byte[]?, byte[]?>>> SendAsync(
        Message<byte[]?, byte[]?> message, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var guard = await deliveries.GuardAsync();
            if (guard is null)
            {
                return await ProduceAsync(message, null, default, cancellationToken);
            }

            var partition = message.Key is { } key ? guard.PartitionOf(key) : RetentionGuard.AnyPartition;
            var reservation = await guard.ReserveAsync(partition, message.Key?.Length ?? 0, message.Value!.Length, cancellationToken);
            try
            {
                return await ProduceAsync(message, guard, reservation, cancellationToken);
            }
            catch
            {
                guard.Failed(reservation);
                throw;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        deliveries.Dispose();
        _turn.Dispose();
    }

    private async Task<Task<DeliveryReport<byte[]?, byte[]?>>> ProduceAsync(
        Message<byte[]?, byte[]?> message, RetentionGuard? guard, RetentionGuard.Reservation reservation,
        CancellationToken cancellationToken)
    {
        var delivery = new TaskCompletionSource<DeliveryReport<byte[]?, byte[]?>>(TaskCreationOptions.RunContinuationsAsynchronously);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                producer.Produce(topic, message, report => Reported(report, guard, reservation, delivery));
                return delivery.Task;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueueFullPause, clock, cancellationToken);
            }
        }
    }

    private static void Reported(
        DeliveryReport<byte[]?, byte[]?> report, RetentionGuard? guard, RetentionGuard.Reservation reservation,
        TaskCompletionSource<DeliveryReport<byte[]?, byte[]?>> delivery)
    {
        if (report.Error.IsError)
        {
            guard?.Failed(reservation);
            delivery.SetException(new KafkaException(report.Error));
            return;
        }

        guard?.Delivered(reservation, report.Partition, report.Offset);
        delivery.SetResult(report);
    }
}
