using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Notifications;

internal static class WebhookServices
{
    private const string Client = "alerts";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Posts alerts to the webhook, if the options name one.</summary>
    public static IServiceCollection AddWebhook(this IServiceCollection services, WebhookOptions options)
    {
        if (options.Url is null)
        {
            return services;
        }

        // The client's own log would contain the address, which can hold a secret.
        services.AddHttpClient(Client, http => http.Timeout = Timeout).RemoveAllLoggers();
        services.AddSingleton(provider => new AlertWebhook(
            new(options.Url, options.Authorization, options.RepeatInterval),
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(Client)));
        return services.AddHostedService<NotifierService>();
    }
}
