using System.Diagnostics.Metrics;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Mqtt;

/// <summary>Registers the bridge from MQTT to Kafka with a silo.</summary>
public static class MqttServices
{
    /// <summary>Adds the bridge, if brokers are configured. It needs an <see cref="IStore"/> and the services of ingest.</summary>
    public static IServiceCollection AddMqttBridge(this IServiceCollection services, MqttOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Brokers.Count == 0)
        {
            return services;
        }

        services.AddSingleton(s => new MqttBridge(
            options,
            s.GetRequiredService<IStore>().MqttSlots,
            s.GetRequiredService<PayloadProducer>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<MqttBridge>>(),
            s.GetService<IMeterFactory>()));
        return services.AddHostedService(s => s.GetRequiredService<MqttBridge>());
    }
}
