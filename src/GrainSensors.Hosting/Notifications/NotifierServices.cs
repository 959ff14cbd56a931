using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Notifications;

internal static class NotifierServices
{
    /// <summary>Starts the notifiers of all receivers of alerts, contact points among them.</summary>
    public static IServiceCollection AddNotifier(this IServiceCollection services) => services.AddHostedService<NotifierService>();
}
