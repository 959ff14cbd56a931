using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Contracts.Monitoring;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Telemetry;

namespace GrainSensors.Ingest.Alerts;

/// <summary>The log topic: a message for each step in the life of an alert, keyed by its sensor, so that a sensor's stay in order.</summary>
internal sealed class KafkaAlerts(KafkaClients clients, IngestMetrics metrics) : IAlertSink, IDisposable
{
    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer = new(() => clients.Producer(TimeSpan.FromMilliseconds(2)));

    public async Task PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        var topic = clients.Options.LogTopic;
        try
        {
            await Task.WhenAll(events.Select(happened => _producer.Value.ProduceAsync(topic, new()
            {
                Key = Encoding.UTF8.GetBytes(happened.SensorId.ToString(CultureInfo.InvariantCulture)),
                Value = LogMessage.Format(happened),
            })));
            metrics.Published(events);
        }
        catch (KafkaException e)
        {
            throw new AlertNotPublishedException($"Alerts could not be written to the topic \"{topic}\": {e.Error.Reason}.", e);
        }
    }

    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
    }
}
