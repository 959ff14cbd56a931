using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Producing;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>Publishes the readings of sensor grains in the stream of their sensor.</summary>
internal sealed class StreamReadings(SensorStreams streams, DeliveryTracker deliveries) : IReadingPublisher
{
    public Task PublishAsync(int sensorId, ReadOnlySpan<byte> json) => PublishAsync(sensorId, json.ToArray());

    private async Task PublishAsync(int sensorId, byte[] json)
    {
        using var inFlight = deliveries.Begin();
        var (guard, reservation) = (default(RetentionGuard), default(RetentionGuard.Reservation));
        try
        {
            guard = await deliveries.GuardAsync();
            if (guard is not null)
            {
                var partition = guard.PartitionOf(sensorId);
                reservation = await guard.ReserveAsync(partition, KeyLength(sensorId), json.Length, CancellationToken.None);
            }

            await streams.ProduceAsync(SensorStreams.Readings, new(sensorId, null), [json]);
        }
        catch (Exception e) when (e is KafkaStreamException or KafkaException)
        {
            guard?.Failed(reservation);
            deliveries.Fail(e.Message);
            throw new ReadingNotPublishedException(e.Message);
        }

        if (guard is not null)
        {
            // A stream does not report the offset of an event. The last acknowledged offset of the partition is an upper bound.
            guard.Delivered(reservation, reservation.Partition, deliveries.LastOffsets[reservation.Partition]);
        }
    }

    private static int KeyLength(int sensorId) => sensorId.ToString(CultureInfo.InvariantCulture).Length;
}
