using GrainSensors.Contacts;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Sensors;
using GrainSensors.Grains.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Logging;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Hosting.Pipeline;

/// <summary>Composes the services of a pipeline, and a single silo that runs it in this process.</summary>
internal static class PipelineHost
{
    /// <summary>The time-out is longer than a drain may take, so that Ctrl-C ends with everything durable.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of grain addresses that the silo caches for calls. Readings reach the grains of their own silo without an address.
    /// Orleans' default of 1,000,000 takes 19 MB before the first entry and 170 MB when the cache is full.
    /// </summary>
    private const int DirectoryCacheSize = 250_000;

    public const string SiloName = "embedded";

    /// <summary>Builds a host without console and API, with grain state in memory.</summary>
    /// <param name="store">Prepared; the caller disposes of it.</param>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    public static IHost Build(
        PipelineSettings settings, IStore store, Action<IServiceCollection>? configure = null, ILoggerProvider? log = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddSilo(builder, settings, store, log, silo => silo.UseTransientGrainStates(store));
        configure?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>Adds a single silo on loopback with the services of the pipeline.</summary>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    public static void AddSilo(
        IHostApplicationBuilder builder, PipelineSettings settings, IStore store, ILoggerProvider? log, Action<ISiloBuilder> configure)
    {
        builder.Logging.AddCommandLog(log);
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

    /// <summary>Builds the services of a command that only produces readings.</summary>
    /// <param name="linger">How long a reading waits for others to share a batch.</param>
    public static ServiceProvider BuildProducer(KafkaOptions kafka, TimeSpan linger) => new ServiceCollection()
        .AddLogging(logging => logging.AddCommandLog())
        .AddSingleton(Options.Create(kafka))
        .AddReadingProducer(linger)
        .BuildServiceProvider();

    /// <summary>Adds the services of the pipeline, which are the same for a single silo and a member of a cluster.</summary>
    public static void AddPipeline(IServiceCollection services, PipelineSettings settings, IStore store)
    {
        services.AddSingleton<IHostLifetime, CommandLifetime>();
        services.AddSingleton(TimeProvider.System);
        services.Configure<GrainDirectoryOptions>(options => options.CacheSize = DirectoryCacheSize);
        services.AddPipelineOptions(settings);
        services.AddSingleton(settings.Periods);
        services.AddSingleton(settings.Measurements);
        services.AddSingleton(settings.Discovery);
        if (settings.Deduplication is { } deduplication)
        {
            services.AddSingleton(deduplication);
        }

        services.AddSingleton<IWindowStore>(store);
        services.AddSingleton(store);
        services.AddSingleton(store.Alerts);
        services.TryAddSingleton(store.MonitorStates);
        services.AddSingleton(store.Silences);
        services.AddSingleton(store.SensorReports);
        services.AddSingleton(store.Sensors);
        services.AddSingleton(store.Names);
        services.AddSingleton(store.MeasurementNames);
        services.AddSingleton(store.MessageVersions);
        services.AddSingleton(store.IdempotencyKeys);
        services.TryAddSingleton(store.Rules);
        services.AddSingleton(store.Contacts.Points);
        services.AddSingleton(store.Contacts.Routes);
        services.AddSingleton(store.Contacts.Groups);
        services.AddSingleton(store.Contacts.Notifications);
        services.AddSingleton(store.MergedWindows);
        services.AddSensors();
        services.AddWindows();
        services.AddMonitoring(settings.Rules with { Period = settings.Periods.Contract, Grace = settings.Ingest.Grace });
        services.AddMetrics();
        services.AddContacts(
            settings.Contacts.Points, settings.Contacts.Secrets, settings.Contacts.Delivery, IngestMetrics.MeterName);
        services.AddSingleton(settings.SourceTopics);
        services.AddIngest();
        services.AddLongerWindows();
    }
}
