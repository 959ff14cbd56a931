using System.Net;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Hosting.Maintenance;
using GrainSensors.Hosting.Notifications;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Status;
using GrainSensors.Ingest;
using GrainSensors.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;

namespace GrainSensors.Silo;

/// <summary>A member of a cluster, and the pages that it serves.</summary>
internal static class SiloHost
{
    /// <summary>Each time the runtime counts all activations, one by one.</summary>
    private static readonly TimeSpan DashboardInterval = TimeSpan.FromSeconds(10);

    /// <param name="settings">With ports that are not 0 for other silos and clients.</param>
    /// <param name="address">That of the silo.</param>
    /// <param name="ports">Of the settings, for other silos and clients.</param>
    /// <param name="pagePort">Of the settings.</param>
    public static WebApplication Build(PipelineSettings settings, ClusterDatabase database, IPAddress address, PortReservation ports, PagePort pagePort)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddConfiguration(PipelineSettings.ReadConfiguration(new Dictionary<string, string?>()));
        ConfigureLogging(builder.Logging, builder.Configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = PipelineHost.ShutdownTimeout);
        pagePort.HandOver(builder.WebHost.UseKestrelCore());
        builder.UseOrleans(silo =>
        {
            silo.UseCluster(settings.Cluster, address, database.DataSource);
            silo.AddStatus();
            ports.HandOver(silo);
            if (settings.Cluster.HasDashboard)
            {
                silo.AddDashboard(dashboard => dashboard.CounterUpdateIntervalMs = (int)DashboardInterval.TotalMilliseconds);
            }
        });
        builder.Services.AddSingleton(database.DataSource);
        PipelineHost.AddPipeline(builder.Services, settings, database.Store);
        builder.Services.AddHostedService<StoreMaintenance>();
        builder.Services.AddSensorLog();
        builder.Services.AddWebhook(settings.Monitor.Webhook);
        builder.Services.AddSiloHealth("postgres");
        builder.Services.AddPages(settings, new IPEndPoint(address, settings.Cluster.SiloPort).ToString());

        var app = builder.Build();
        app.UsePages(settings);
        return app;
    }

    private static void ConfigureLogging(ILoggingBuilder logging, ConfigurationManager configuration)
    {
        // The name that .NET's own console logger has for it.
        PipelineHost.AddLogConsole(logging, json: configuration["Logging:Console:FormatterName"] == "json");
        logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Orleans", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Polly", LogLevel.Warning)

            // Says with a stack trace what is told in a sentence: a start that fails. That a part has ended the host is critical.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)

            // Would repeat at every request what the monitor has told once.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)

            // Says of every process at its start that it has hung since the machine booted.
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)

            // Says of each of its ranges every few seconds, with a stack trace, that it cannot read a table that is away; the
            // health checks say so once.
            .AddFilter("Orleans.Runtime.ReminderService.LocalReminderService", LogLevel.Critical)

            // Its base class tells of every change of the ring.
            .AddFilter(typeof(SiloStatusService).FullName, LogLevel.Warning)
            .AddConfiguration(configuration.GetSection("Logging"));
    }
}
