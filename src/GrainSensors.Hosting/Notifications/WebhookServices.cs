using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Notifications;

internal static class WebhookServices
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <param name="settings">Null: nobody is told.</param>
    public static IServiceCollection AddWebhook(this IServiceCollection services, WebhookSettings? settings) => settings is null
        ? services
        : services
            .AddSingleton(new AlertWebhook(new(settings.Url, settings.Authorization, settings.RepeatInterval), new HttpClient { Timeout = Timeout }))
            .AddHostedService<NotifierService>();
}
