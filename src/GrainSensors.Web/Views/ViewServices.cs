using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Web.Views;

/// <summary>Registers the views that console and API share.</summary>
internal static class ViewServices
{
    public static IServiceCollection AddViews(this IServiceCollection services)
    {
        services.AddSingleton<WindowHistory>();
        services.AddSingleton<LatestDeadLetters>();
        services.AddSingleton<MissedWindows>();
        services.AddOnDemand<AlertView>();
        services.AddOnDemand<ClosedWindowView>();
        services.AddOnDemand<ClusterView>();
        services.AddOnDemand<FleetView>();
        return services;
    }

    private static void AddOnDemand<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(s => s.GetRequiredService<T>());
    }
}
