using GrainSensors.Grains.Alerts;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Notifications;

internal static class MqttAlertServices
{
    /// <summary>Tells each MQTT broker of alerts whose options name a topic for them.</summary>
    public static IServiceCollection AddMqttAlerts(this IServiceCollection services, MqttOptions options)
    {
        foreach (var broker in options.Brokers.Where(broker => broker.Alerts.Topic is not null))
        {
            services.AddSingleton<IAlertReceiver>(provider => new MqttAlerts(broker, provider.GetRequiredService<IAlertStore>()));
            services.AddHostedService<NotifierService>();
        }

        return services;
    }
}
