using System.CommandLine;
using System.Globalization;
using System.Net;
using GrainSensors.Grains.Sensors;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Maintenance;
using GrainSensors.Hosting.Notifications;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Invocation;
using GrainSensors.Sensors;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using GrainSensors.Terminal;
using GrainSensors.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Run;

/// <summary><c>run</c>: everything in one process, to see what it does.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var sensors = new Option<int?>("--sensors") { HelpName = "N", Description = "Simulated sensors, one reading a second each [default: 20]" };
        var period = CommonOptions.Period();
        var store = CommonOptions.Store("Where windows are kept [default: sqlite:data/grainsensors.db]");
        var httpPort = new Option<int?>("--http-port") { HelpName = "PORT", Description = $"Where to serve the console on loopback, 0 for any free port [default: {HttpOptions.DefaultPort}, or a free one if that is in use]" };
        var command = new Command(
            "run",
            """
            Run everything in this process: a Kafka broker on loopback, a silo, simulated sensors, the console.

            Needs no server. Readings go through Kafka into windows of 15 minutes, and the windows into the store every
            5 seconds; look at them meanwhile:
              sqlite3 data/grainsensors.db "SELECT * FROM sensor_temperatures ORDER BY window_start DESC LIMIT 20"
            Ctrl-C makes everything durable and stops. Started again, it goes on with the windows of the store.
            """)
        {
            sensors, period, store, httpPort,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            PipelineSettings.Load(CommonOptions.Overrides(
                ("Sensors", result.GetValue(sensors)?.ToString(CultureInfo.InvariantCulture)),
                ("Period", result.GetValue(period)),
                ("Store", result.GetValue(store)),
                ("Http:Port", result.GetValue(httpPort)?.ToString(CultureInfo.InvariantCulture)))),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        settings.Ingest.Retention = settings.Retention;
        var cluster = settings.Cluster;
        cluster.Access.RequireSafeAddress();
        settings.Ingest.FollowsReadings = settings.Telemetry.Traces;
        using var port = PagePort.TakePreferred(cluster);
        var isLive = LiveView.IsPossible;
        using var log = isLive && !Console.IsErrorRedirected ? new LiveLog(Console.Error, TimeProvider.System) : null;
        await using var store = await StoreFactory.OpenAsync(settings, cancellationToken, log);
        await RegisterAsync(settings, store, cancellationToken);
        using var broker = EmbeddedKafka.Start(settings);
        await using var host = PipelineWebHost.Build(
            settings,
            store,
            port,
            services => services
                .AddHostedService<StoreMaintenance>()
                .AddSensorLog()
                .AddWebhook(settings.Monitor.Webhook)
                .AddHostedService(s => ActivatorUtilities.CreateInstance<SimulationService>(s, settings.Sensors)),
            log);
        await host.StartAsync(cancellationToken);
        Console.WriteLine($"Kafka     {broker.BootstrapServers}, topics {string.Join(", ", settings.Kafka.AllTopics)}");
        Console.WriteLine($"Windows   {settings.Ingest.Period} in {store.Description}, written every {settings.Ingest.CheckpointInterval.TotalSeconds:0.#} s");
        Console.WriteLine($"Sensors   {settings.Sensors} simulated, one reading a second each. Ctrl-C stops.");
        var page = $"http://{new IPEndPoint(cluster.HttpAddress, port.Number)}/";
        Console.WriteLine($"Console   {page}{(port.Number == cluster.HttpPort || cluster.IsHttpPortGiven ? "" : $" (port {cluster.HttpPort} is in use)")}");
        if (isLive)
        {
            await ShowTableAsync(host, settings, $"Console {page}, {settings.Ingest.Period} in {store.Description}, Kafka {broker.BootstrapServers}", log);
        }
        else
        {
            await PrintStatusAsync(host);
        }

        await host.StopAsync(CancellationToken.None);
        Console.WriteLine(host.Services.GetRequiredService<IngestService>().IsDrained
            ? "Stopped; everything is in the store."
            : "Stopped; the last readings could not be written, and the embedded broker forgets them.");
        return ExitCodes.Success;
    }

    /// <summary>An empty registry gets the stations whose sensors are simulated.</summary>
    private static async Task RegisterAsync(PipelineSettings settings, IStore store, CancellationToken cancellationToken)
    {
        if ((await store.Sensors.ReadAsync(cancellationToken)).Count == 0)
        {
            await store.Sensors.WriteAsync([.. SensorFile.ReadExamples().Where(sensor => sensor.SensorId <= settings.Sensors)], cancellationToken);
        }
    }

    /// <returns>When the process is asked to stop.</returns>
    private static async Task ShowTableAsync(WebApplication host, PipelineSettings settings, string where, LiveLog? log)
    {
        var services = host.Services;
        var clock = services.GetRequiredService<TimeProvider>();
        var latest = services.GetRequiredService<LatestReadings>();
        var windows = new CurrentWindows(services.GetRequiredService<IWindowStore>(), settings.Ingest.Period, settings.Measurements[0].Name);
        var sampler = new LiveSampler(
            where,
            settings.Sensors,
            settings.Measurements,
            services.GetRequiredService<IngestService>(),
            latest,
            windows,
            services.GetRequiredService<ReadingProducer>(),
            services.GetRequiredService<PublishOutage>(),
            log,
            clock);
        using var hold = log?.Hold();
        using var watch = latest.Watch();
        await LiveView.ShowAsync(sampler.Next, clock, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    }

    /// <returns>When the process is asked to stop.</returns>
    private static async Task PrintStatusAsync(WebApplication host)
    {
        var clock = host.Services.GetRequiredService<TimeProvider>();
        var ingest = host.Services.GetRequiredService<IngestService>();
        var producer = host.Services.GetRequiredService<ReadingProducer>();
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var line = new StatusLine(clock);
        using var timer = new PeriodicTimer(LineInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                Console.WriteLine(line.Next(ingest.GetStatus(), producer.IsHolding ? "sensors wait for the windows to catch up" : null));
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C or SIGTERM.
        }
    }
}
