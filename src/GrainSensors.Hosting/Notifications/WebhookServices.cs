using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Notifications;

internal static class WebhookServices
{
    private const string Client = "alerts";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <param name="settings">Null: alerts are not posted.</param>
    public static IServiceCollection AddWebhook(this IServiceCollection services, WebhookSettings? settings)
    {
        if (settings is null)
        {
            return services;
        }

        // The client's own log would contain the address, which can hold a secret.
        services.AddHttpClient(Client, http => http.Timeout = Timeout).RemoveAllLoggers();
        services.AddSingleton(provider => new AlertWebhook(
            new(settings.Url, settings.Authorization, settings.RepeatInterval),
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(Client)));
        return services.AddHostedService<NotifierService>();
    }
}
