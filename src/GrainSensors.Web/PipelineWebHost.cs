using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Status;
using GrainSensors.Hosting.Stores;
using GrainSensors.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;

namespace GrainSensors.Web;

/// <summary>A single silo in this process, with console, API, dashboard and health checks.</summary>
internal static class PipelineWebHost
{
    /// <param name="port">The port of console and API.</param>
    /// <param name="log">Receives the log instead of standard error.</param>
    public static WebApplication Build(
        PipelineSettings settings, IStore store, PortReservation port, Action<IServiceCollection> configure, ILoggerProvider? log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        port.HandOver(builder.WebHost.UseKestrelCore(), WebSetup.LimitConnections);
        PipelineHost.AddSilo(builder, settings, store, log, silo =>
        {
            silo.UseGrainStates(store);
            silo.AddStatus();
            if (settings.Http.Dashboard)
            {
                silo.AddDashboard();
            }
        });
        builder.Services.AddSiloHealth(store);
        builder.Services.AddPages(settings, PipelineHost.SiloName);
        configure(builder.Services);
        var app = builder.Build();
        app.UsePages(settings);
        return app;
    }
}
