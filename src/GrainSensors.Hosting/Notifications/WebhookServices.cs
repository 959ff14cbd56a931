using System.Text;
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
        services.AddHttpClient(Client, http => http.Timeout = Timeout)
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => WebhookConnection.HandlerOf(options));
        services.AddSingleton<IAlertReceiver>(provider => new AlertWebhook(
            TargetOf(options), () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(Client)));
        return services.AddHostedService<NotifierService>();
    }

    /// <returns>The target; a user and a password of the URL become Basic authentication.</returns>
    internal static WebhookTarget TargetOf(WebhookOptions options)
    {
        var url = new UriBuilder(options.Url!);
        var credentials = url.UserName.Length == 0 ? null
            : $"{Uri.UnescapeDataString(url.UserName)}:{Uri.UnescapeDataString(url.Password)}";
        (url.UserName, url.Password) = ("", "");
        var authorization = credentials is null
            ? options.Authorization
            : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}";
        return new(url.Uri, authorization, options.RepeatInterval) { Headers = options.Headers };
    }
}
