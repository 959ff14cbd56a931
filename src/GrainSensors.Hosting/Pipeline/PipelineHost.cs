using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Sensors;
using GrainSensors.Grains.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Maintenance;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>A silo by itself in this process, with everything that the pipeline needs.</summary>
internal static class PipelineHost
{
    /// <summary>Longer than a drain may take, so that a stop with Ctrl-C ends by what was made durable, not by force.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Addresses of grains that the silo keeps for calls. Readings reach the grains of their own silo without one; Orleans' default
    /// of 1,000,000 takes 19 MB before the first and 170 MB when it is full.
    /// </summary>
    private const int DirectoryCacheSize = 250_000;

    public const string SiloName = "embedded";
    private const string LogTime = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Without pages, and with grains whose state ends with the process.</summary>
    /// <param name="store">Prepared; whoever opened it disposes of it.</param>
    /// <param name="log">In place of standard error.</param>
    public static IHost Build(
        PipelineSettings settings, IStore store, Action<IServiceCollection>? configure = null, ILoggerProvider? log = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddSilo(builder, settings, store, log, silo => silo.UseTransientGrainStates());
        configure?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>A silo by itself on loopback, with the services of the pipeline.</summary>
    /// <param name="log">In place of standard error.</param>
    public static void AddSilo(
        IHostApplicationBuilder builder, PipelineSettings settings, IStore store, ILoggerProvider? log, Action<ISiloBuilder> configure)
    {
        ConfigureLogging(builder.Logging, log);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.UseOrleans(silo =>
        {
            var ports = PortReservation.TakeFree(2);
            ports.HandOver(silo);
            silo.UseLocalhostClustering(ports[0], ports[1]);
            silo.Configure<SiloOptions>(options => options.SiloName = SiloName);
            configure(silo);
        });
        AddPipeline(builder.Services, settings, store);
    }

    /// <summary>The services of a command that only produces readings.</summary>
    /// <param name="linger">How long a reading waits for others to share a batch.</param>
    public static ServiceProvider BuildProducer(KafkaOptions kafka, TimeSpan linger) => new ServiceCollection()
        .AddLogging(logging => ConfigureLogging(logging))
        .AddSingleton(Options.Create(kafka))
        .AddReadingProducer(linger)
        .BuildServiceProvider();

    /// <param name="log">In place of standard error.</param>
    public static void ConfigureLogging(ILoggingBuilder logging, ILoggerProvider? log = null)
    {
        logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Orleans", LogLevel.Error)
            .AddFilter(typeof(StoreMaintenance).FullName, LogLevel.Information);
        if (log is not null)
        {
            logging.AddProvider(log);
            return;
        }

        AddLogConsole(logging);
    }

    /// <summary>A line for each event, on standard error.</summary>
    /// <param name="json">Each an object with its number, its level, and its values by their names.</param>
    public static void AddLogConsole(ILoggingBuilder logging, bool json = false)
    {
        logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (json)
        {
            logging.AddJsonConsole(options => (options.TimestampFormat, options.UseUtcTimestamp) = (LogTime, true));
            return;
        }

        logging.AddSimpleConsole(options => (options.SingleLine, options.TimestampFormat, options.UseUtcTimestamp) = (true, $"{LogTime} ", true));
    }

    public static void AddPipeline(IServiceCollection services, PipelineSettings settings, IStore store)
    {
        services.AddSingleton(TimeProvider.System);
        services.Configure<GrainDirectoryOptions>(options => options.CacheSize = DirectoryCacheSize);
        services.AddSingleton(settings.Measurements);
        services.AddSingleton(Options.Create(settings.Readings));
        services.AddSingleton(Options.Create(settings.Ingest));
        services.AddSingleton(Options.Create(settings.Kafka));
        services.AddSingleton<IWindowStore>(store);
        services.AddSingleton(store);
        services.AddSingleton(store.Alerts);
        services.AddSingleton(store.Silences);
        services.AddSingleton(store.SensorReports);
        services.AddSingleton(store.Sensors);
        services.AddSensors();
        services.AddWindows();
        services.AddSingleton(settings.Monitor);
        services.AddMonitoring(settings.Monitor.Rules);
        services.AddIngest();
    }
}
