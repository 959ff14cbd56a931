using System.Globalization;
using Confluent.Kafka;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Producing;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>Readings of sensors that are grains, through the stream of each.</summary>
internal sealed class StreamReadings(SensorStreams streams, SentReadings sent) : IReadingPublisher
{
    public Task PublishAsync(int sensorId, ReadOnlySpan<byte> json) => PublishAsync(sensorId, json.ToArray());

    private async Task PublishAsync(int sensorId, byte[] json)
    {
        using var underWay = sent.Begin();
        var (guard, cost) = (default(RetentionGuard), 0);
        try
        {
            guard = await sent.GuardAsync();
            cost = guard is null ? 0 : await guard.ReserveAsync(KeyLength(sensorId), json.Length, CancellationToken.None);
            await streams.Of(SensorStreams.Readings, sensorId).OnNextAsync(json);
        }
        catch (Exception e) when (e is KafkaStreamException or KafkaException)
        {
            guard?.Failed(cost);
            sent.Fail(e.Message);
            throw new ReadingNotPublishedException(e.Message);
        }

        if (guard is not null)
        {
            // A stream does not say where in the topic an event went: not behind what was acknowledged there last.
            var partition = guard.PartitionOf(sensorId);
            guard.Delivered(partition, sent.LastOffsets[partition], cost);
        }
    }

    private static int KeyLength(int sensorId) => sensorId.ToString(CultureInfo.InvariantCulture).Length;
}
