using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Producing;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>Readings of sensors that are grains, through the stream of each.</summary>
internal sealed class StreamReadings(SensorStreams streams, DeliveryTracker sent) : IReadingPublisher
{
    public Task PublishAsync(int sensorId, ReadOnlySpan<byte> json) => PublishAsync(sensorId, json.ToArray());

    private async Task PublishAsync(int sensorId, byte[] json)
    {
        using var underWay = sent.Begin();
        var (guard, reservation) = (default(RetentionGuard), default(RetentionGuard.Reservation));
        try
        {
            guard = await sent.GuardAsync();
            if (guard is not null)
            {
                reservation = await guard.ReserveAsync(guard.PartitionOf(sensorId), KeyLength(sensorId), json.Length, CancellationToken.None);
            }

            await streams.ProduceAsync(SensorStreams.Readings, sensorId, [json]);
        }
        catch (Exception e) when (e is KafkaStreamException or KafkaException)
        {
            guard?.Failed(reservation);
            sent.Fail(e.Message);
            throw new ReadingNotPublishedException(e.Message);
        }

        if (guard is not null)
        {
            // A stream does not say where in the topic an event went: not behind what was acknowledged there last.
            guard.Delivered(reservation, reservation.Partition, sent.LastOffsets[reservation.Partition]);
        }
    }

    private static int KeyLength(int sensorId) => sensorId.ToString(CultureInfo.InvariantCulture).Length;
}
