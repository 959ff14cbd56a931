using GrainSensors.Silo.Access;
using GrainSensors.Silo.Api;
using GrainSensors.Silo.Health;
using GrainSensors.Silo.Hosting;
using GrainSensors.Silo.Pages;
using GrainSensors.Silo.Telemetry;
using GrainSensors.Silo.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Silo.Web;

/// <summary>Everything that is served by HTTP, the same by <c>run</c> and by every silo of a cluster.</summary>
internal static class WebSetup
{
    /// <param name="instance">The name of the silo, for metrics.</param>
    public static IServiceCollection AddPages(this IServiceCollection services, PipelineSettings settings, string instance)
    {
        services.AddAccessControl(settings.Cluster.Access);
        services.AddSiloTelemetry(settings.Telemetry, instance);
        services.AddResponseCompression();
        services.AddViews();
        services.AddApi();
        services.AddConsole();
        return services;
    }

    public static void UsePages(this WebApplication app, PipelineSettings settings)
    {
        app.UseResponseCompression();
        app.UseApiProblems();
        app.UseNotFoundPage();
        app.UseAccessControl();
        app.UseAntiforgery();
        if (settings.Cluster.HasDashboard)
        {
            app.UseDashboard();
        }

        app.MapLogIn();
        app.MapHealth();
        if (settings.Telemetry.Metrics)
        {
            app.MapMetrics();
        }

        app.MapApi();
        app.MapConsole();
    }
}
