using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Hosting.Telemetry;
using GrainSensors.Web.Access;
using GrainSensors.Web.Acknowledge;
using GrainSensors.Web.Api;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Console;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web;

/// <summary>Everything that is served over HTTP; <c>run</c> and the silos of a cluster serve the same.</summary>
internal static class WebSetup
{
    /// <param name="instance">The name of the silo in metrics.</param>
    public static IServiceCollection AddPages(this IServiceCollection services, PipelineSettings settings, string instance)
    {
        services.AddAccessControl(settings.Access);
        services.AddAccessRefresh(settings.Http, settings.Source);
        services.AddSiloTelemetry(settings.Telemetry, instance);
        services.AddResponseCompression();
        services.AddRequestDecompression();
        services.AddViews();
        services.AddApi();
        services.AddConsole();
        services.AddAcknowledgePage();
        return services;
    }

    /// <summary>Must be called for the address on which the web server listens.</summary>
    public static void LimitConnections(ListenOptions listen) => ConnectionLimits.Use(listen);

    public static void UsePages(this WebApplication app, PipelineSettings settings)
    {
        app.UseProxyPrefix(settings.Http.PathBase);
        app.UseResponseCompression();
        app.UseApiProblems();
        app.UseRequestDecompression();
        app.UseNotFoundPage();
        app.UseAccessControl();
        app.UseAntiforgery();
        app.UseRevalidation();
        app.UseApiPage(ApiPaths.Document);
        if (settings.Http.Dashboard)
        {
            app.UseDashboard();
        }

        app.MapLogIn();
        app.MapAcknowledgePage();
        app.MapHealth();
        if (settings.Telemetry.Metrics)
        {
            app.MapMetrics();
        }

        app.MapApi();
        app.MapInflux();
        app.MapConsole();
    }
}
