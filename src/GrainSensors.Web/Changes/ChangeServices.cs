using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Changes;

/// <summary>What people and programs change: the same checks, writes and audit entries for the API and the console.</summary>
internal static class ChangeServices
{
    public static IServiceCollection AddChanges(this IServiceCollection services)
    {
        services.AddSingleton<RuleChanges>();
        services.AddSingleton<ContactChanges>();
        services.AddSingleton<RouteChanges>();
        services.AddSingleton<NotificationRequeue>();
        return services.AddSingleton(s => new SilenceBook(
            s.GetRequiredService<IStore>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<AuditTrail>().WriteAsync));
    }
}
