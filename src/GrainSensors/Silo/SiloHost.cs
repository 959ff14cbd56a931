using System.Net;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Hosting.Logging;
using GrainSensors.Hosting.Maintenance;
using GrainSensors.Hosting.Notifications;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Status;
using GrainSensors.Ingest;
using GrainSensors.Mqtt;
using GrainSensors.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;

namespace GrainSensors.Silo;

/// <summary>Builds the host of a silo: Orleans, the pipeline, console and API.</summary>
internal static class SiloHost
{
    /// <summary>At each interval the runtime counts all activations one by one, which costs time with many grains.</summary>
    private static readonly TimeSpan DashboardInterval = TimeSpan.FromSeconds(10);

    /// <param name="settings">The settings, in which the ports for silos and clients are not 0.</param>
    /// <param name="database">The database that all silos share.</param>
    /// <param name="address">The address of this silo.</param>
    /// <param name="ports">The reserved ports for other silos and clients, those of the settings.</param>
    /// <param name="httpPort">The reserved port for the pages, that of the settings.</param>
    public static WebApplication Build(
        PipelineSettings settings, ClusterDatabase database, IPAddress address, PortReservation ports, PortReservation httpPort)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddConfiguration(PipelineConfiguration.Read(new Dictionary<string, string?>()));
        ConfigureLogging(builder.Logging, builder.Configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = PipelineHost.ShutdownTimeout);
        httpPort.HandOver(builder.WebHost.UseKestrelCore(), WebSetup.LimitConnections);
        builder.UseOrleans(silo =>
        {
            silo.UseCluster(settings.Cluster, settings.Silo, address, database.DataSource);
            silo.AddStatus();
            ports.HandOver(silo);
            if (settings.Http.Dashboard)
            {
                silo.AddDashboard(dashboard => dashboard.CounterUpdateIntervalMs = (int)DashboardInterval.TotalMilliseconds);
            }
        });
        PipelineHost.AddPipeline(builder.Services, settings, database.Store);
        builder.Services.AddHostedService<StoreMaintenance>();
        builder.Services.AddSensorLog();
        builder.Services.AddMqttBridge(settings.Mqtt);
        builder.Services.AddWebhook(settings.Monitor.Webhook);
        builder.Services.AddNotifier();
        builder.Services.AddMqttAlerts(settings.Mqtt);
        builder.Services.AddSiloHealth(database.Store);
        builder.Services.AddPages(settings, new IPEndPoint(address, settings.Silo.SiloPort).ToString());

        var app = builder.Build();
        app.UsePages(settings);
        return app;
    }

    private static void ConfigureLogging(ILoggingBuilder logging, ConfigurationManager configuration)
    {
        // FormatterName is the key of .NET's own console logger.
        logging.AddStandardError(json: configuration["Logging:Console:FormatterName"] == "json");
        logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Orleans", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Polly", LogLevel.Error)

            // Logs a failed start with a stack trace, which the command reports in one sentence. A failed service is critical.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)

            // Logs several lines for each invalid key; the audit log has one in ten seconds.
            .AddFilter("GrainSensors.Web.Access.AccessHandler", LogLevel.Warning)

            // Logs a line for each form that is sent without its cookie, which clients without access can do any number of times.
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)

            // Warns that the keys of forms are not encrypted; docs/security.md names the option.
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)

            // Logs at every request what HealthMonitor logs once per change.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)

            // Logs at every start that the process has hung since the machine booted.
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)

            // Logs a stack trace for each of its ranges every few seconds while the database is unavailable; the health checks
            // log that once.
            .AddFilter("Orleans.Runtime.ReminderService.LocalReminderService", LogLevel.Critical)

            // Logs each write of each grain with a stack trace while the database is unavailable; PartitionOutages logs that once.
            .AddFilter("Orleans.Storage.AdoNetGrainStorage", LogLevel.None)

            // Logs a stack trace for each grain whose start fails while the database is unavailable. Callers get the same exception.
            .AddFilter("Orleans.Grain", LogLevel.Critical)

            // Logs a stack trace for each of its signs of life while the database is unavailable.
            .AddFilter("Orleans.Runtime.MembershipService.MembershipAgent", LogLevel.Error)

            // The base class logs every change of the ring.
            .AddFilter(typeof(SiloStatusService).FullName, LogLevel.Warning)
            .AddConfiguration(configuration.GetSection("Logging"));
    }
}
