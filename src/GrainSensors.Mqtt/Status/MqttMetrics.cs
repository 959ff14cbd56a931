using System.Diagnostics.Metrics;
using GrainSensors.Core.Telemetry;

namespace GrainSensors.Mqtt.Status;

/// <summary>The metrics of MQTT brokers, read from counters that the connections keep anyway.</summary>
internal static class MqttMetrics
{
    public static void Observe(IMeterFactory meters, Func<IEnumerable<MqttBrokerStatus>> read)
    {
        var meter = meters.Create(InstrumentationScope.Name);
        Count("received_messages", "Messages of MQTT brokers. One that a broker sends again counts again.", one => one.Received);
        Count("acknowledged_messages", "Messages of MQTT brokers that Kafka has, or that became dead letters.", one => one.Acknowledged);
        Count("refused_messages", "Messages of MQTT brokers that became dead letters, since Kafka refuses their size.", one => one.Refused);
        Count("dropped_messages", "Messages with quality of service 0 that were left out while Kafka was slow.", one => one.Dropped);
        Gauge("waiting_messages", "{message}", "Messages of MQTT brokers that wait for Kafka.", one => one.Waiting);
        Gauge("sessions", "{session}", "Sessions at MQTT brokers that the silo owns.", one => one.Sessions);
        Gauge("connections", "{connection}", "Connections to MQTT brokers that are subscribed.", one => one.Connected);

        void Count(string name, string description, Func<MqttBrokerStatus, long> value) =>
            meter.CreateObservableCounter($"grainsensors.mqtt.{name}", () => Of(value), "{message}", description);

        void Gauge(string name, string unit, string description, Func<MqttBrokerStatus, long> value) =>
            meter.CreateObservableGauge($"grainsensors.mqtt.{name}", () => Of(value), unit, description);

        IEnumerable<Measurement<long>> Of(Func<MqttBrokerStatus, long> value) =>
            read().Select(one => new Measurement<long>(value(one), new KeyValuePair<string, object?>("broker", one.Name)));
    }
}
