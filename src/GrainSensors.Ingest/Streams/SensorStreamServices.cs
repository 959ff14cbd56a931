using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Contracts.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streams;

namespace GrainSensors.Ingest.Streams;

/// <summary>Registers the Orleans streams that a silo produces.</summary>
internal static class SensorStreamServices
{
    private const string Bytes = "bytes";

    /// <summary>The default of librdkafka. During a shorter outage of Kafka no reading of a sensor grain is lost.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    public static IServiceCollection AddSensorStreams(this IServiceCollection services)
    {
        services.TryAddSingleton<SensorStreams>();
        services.TryAddSingleton<IReadingPublisher, StreamReadings>();
        services.TryAddSingleton<StreamWindowEvents>();
        services.TryAddSingleton<IWindowEvents>(s => s.GetRequiredService<StreamWindowEvents>());
        services.TryAddSingleton<IAlertSink, StreamAlerts>();
        var streams = new SiloKafkaStreamConfigurator(SensorStreams.Provider, configure => configure(services));
        streams.ConfigureKafka((OptionsBuilder<KafkaStreamOptions> options) => options.Configure<KafkaClients, DeliveryTracker>(Configure));

        // Silos have no subscriptions, so there are no subscriptions to store.
        streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
        return services;
    }

    private static void Configure(KafkaStreamOptions streams, KafkaClients clients, DeliveryTracker deliveries)
    {
        var kafka = clients.Options;
        streams.BootstrapServers = kafka.BootstrapServers;
        (streams.SecurityProtocol, streams.SaslMechanism) = (kafka.SecurityProtocol, kafka.SaslMechanism);
        (streams.SaslUsername, streams.SaslPassword, streams.CaLocation) = (kafka.SaslUsername, kafka.SaslPassword, kafka.CaLocation);
        foreach (var (name, value) in kafka.Client)
        {
            streams.Client[name] = value;
        }

        // The silo creates its topics at startup. One of them may not exist yet when the provider starts.
        streams.CreateTopics = false;
        streams.Topics.Add(new() { Name = kafka.Topic, Namespace = SensorStreams.Readings, Format = Bytes, ProduceOnly = true });
        streams.Topics.Add(new() { Name = kafka.LogTopic, Namespace = SensorStreams.Alerts, Format = Bytes, ProduceOnly = true });
        if (kafka.WindowTopic.Length > 0)
        {
            streams.Topics.Add(new() { Name = kafka.WindowTopic, Namespace = SensorStreams.Windows, Format = Bytes, ProduceOnly = true });
        }

        (streams.Linger, streams.SendTimeout) = (Linger, SendTimeout);
        streams.ConfigureClient = client => clients.Configure(client);
        streams.Acknowledged = at =>
        {
            if (at.Topic == kafka.Topic)
            {
                deliveries.Acknowledge(at.Partition, at.Offset);
            }
        };
    }
}
