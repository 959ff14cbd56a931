using GrainSensors.Contracts.Alerts;
using GrainSensors.Ingest.LogTopic;
using GrainSensors.Ingest.Telemetry;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>Publishes the transitions of alerts in the stream of their sensor, which keeps their order.</summary>
internal sealed class StreamAlerts(SensorStreams streams, IngestMetrics metrics) : IAlertSink
{
    public async Task PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        try
        {
            await Task.WhenAll(events.Select(happened =>
                streams.ProduceAsync(SensorStreams.Alerts, happened.Sensor, [LogMessage.Format(happened)])));
            metrics.Published(events);
        }
        catch (KafkaStreamException e)
        {
            throw new AlertNotPublishedException($"Alerts could not be published: {e.Message}", e);
        }
    }
}
