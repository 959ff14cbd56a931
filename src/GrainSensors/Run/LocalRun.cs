using System.Net;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Sensors;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Maintenance;
using GrainSensors.Hosting.Notifications;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Invocation;
using GrainSensors.Sensors;
using GrainSensors.Storage;
using GrainSensors.Terminal;
using GrainSensors.Web;
using GrainSensors.Web.Console;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Run;

/// <summary>Broker, silo, simulated sensors and console in this process, from the start to Ctrl-C.</summary>
internal static class LocalRun
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(1);

    public static Task<int> RunAsync(PipelineSettings settings, CancellationToken cancellationToken) =>
        InterruptedStart.SucceedsAsync(token => RunToEndAsync(LocalMqtt.Prepare(settings), token), cancellationToken);

    private static async Task<int> RunToEndAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        using var port = PortReservation.TakeHttpOrFree(settings.Http);
        var isLive = LiveView.IsPossible;
        using var log = isLive && !Console.IsErrorRedirected ? new LiveLog(Console.Error, TimeProvider.System) : null;
        await using var store = await StoreFactory.OpenAsync(settings, cancellationToken, log);
        await store.MergedWindows.SetPeriodsAsync(cancellationToken);
        await StoredKeys.LoadAsync(settings.Access, store, cancellationToken);
        settings.Access.RequireSafeAddress();
        var windows = $"{settings.Ingest.Period} in {store.Description}";
        Console.WriteLine($"Windows   {windows}, written every {settings.Ingest.FlushInterval.TotalSeconds:0.#} s");
        await RegisterAsync(settings, store, cancellationToken);
        using var broker = EmbeddedKafka.Start(settings);
        settings = EmbeddedKafka.Connect(settings, broker);
        await using var host = PipelineWebHost.Build(
            settings,
            store,
            port,
            services => services
                .AddHostedService<StoreMaintenance>()
                .AddSensorLog()
                .AddWebhook(settings.Monitor.Webhook)
                .AddNotifier()
                .AddHostedService(s => ActivatorUtilities.CreateInstance<SimulationService>(s, settings.Sensors)),
            log);

        // The simulated sensors may produce before the start is complete, so it ends by stopping, not by being cancelled.
        cancellationToken.ThrowIfCancellationRequested();
        await host.StartAsync(CancellationToken.None);
        await using var mqtt = await LocalMqtt.StartAsync(host, settings.Mqtt.Port);
        host.Services.GetRequiredService<FirstReading>().Command = LocalMqtt.ExampleOf(mqtt);
        await using var stop = cancellationToken.Register(host.Lifetime.StopApplication);
        var page = $"http://{new IPEndPoint(settings.Http.Address, port[0])}{settings.Http.PathBase}/";
        var isPreferred = settings.Http.Port is not null || port[0] == HttpOptions.DefaultPort;
        Console.WriteLine($"Kafka     {broker.BootstrapServers}, topics {string.Join(", ", settings.AllTopics)}");
        Console.WriteLine($"MQTT      {IPAddress.Loopback}:{mqtt.Port}: {LocalMqtt.ExampleOf(mqtt)}");
        Console.WriteLine($"Sensors   {settings.Sensors} simulated, one reading per second each. Press Ctrl-C to stop.");
        Console.WriteLine($"Console   {page}{(isPreferred ? "" : $" (port {HttpOptions.DefaultPort} is in use)")}");
        if (isLive)
        {
            await ShowTableAsync(host, settings, $"Console {page}, {windows}, Kafka {broker.BootstrapServers}", log);
        }
        else
        {
            await PrintStatusAsync(host);
        }

        await mqtt.DisposeAsync();
        return await StopAsync(host, store);
    }

    private static async Task<int> StopAsync(WebApplication host, IStore store)
    {
        var ingest = host.Services.GetRequiredService<IngestService>();
        var troubles = ingest.GetStatus().Troubles;
        await host.StopAsync(CancellationToken.None);
        var loss = await RunLoss.FindAsync(host.Services.GetRequiredService<UnwrittenMessages>(), ingest, store, troubles);
        if (loss is null)
        {
            Console.WriteLine("Stopped. All readings are in the store.");
            return ExitCodes.Success;
        }

        Console.Error.WriteLine($"Stopped. {loss}");
        return ExitCodes.CouldNotRun;
    }

    /// <summary>Registers the example stations of the simulated sensors, if the registry is empty.</summary>
    private static async Task RegisterAsync(PipelineSettings settings, IStore store, CancellationToken cancellationToken)
    {
        if (await store.Sensors.CountAsync(cancellationToken) == 0)
        {
            var examples = SensorFile.ReadExamples().Where(sensor => sensor.SensorId <= settings.Sensors);
            await store.Sensors.WriteAsync([.. examples], cancellationToken);
        }
    }

    /// <summary>Ends when the process is asked to stop.</summary>
    private static async Task ShowTableAsync(WebApplication host, PipelineSettings settings, string where, LiveLog? log)
    {
        var services = host.Services;
        var clock = services.GetRequiredService<TimeProvider>();
        var latest = services.GetRequiredService<LatestReadings>();
        var store = services.GetRequiredService<IStore>();
        var names = settings.Measurements.All.Select(measurement => measurement.Name).ToList();
        var stored = await store.ReadLatestAsync(names, CancellationToken.None);
        var windows = new CurrentWindows(store, settings.Ingest.Period);
        var catalog = services.GetRequiredService<MeasurementCatalog>();
        var sampler = new LiveSampler(
            where,
            settings.Sensors,
            catalog,
            services.GetRequiredService<IngestService>(),
            [.. stored.Select(latest => ReadingOf(latest, catalog))],
            latest,
            windows,
            store.Names,
            services.GetRequiredService<ReadingProducer>(),
            services.GetRequiredService<PublishOutage>(),
            services.GetRequiredService<SensorDirectory>(),
            log,
            clock);
        using var hold = log?.Hold();
        using var watch = latest.Watch();
        await LiveView.ShowAsync(sampler.Next, clock, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    }

    private static Reading ReadingOf(LatestReading stored, MeasurementCatalog catalog)
    {
        var values = MeasurementValues.Of(stored.Values);
        foreach (var (name, value) in stored.Others)
        {
            values[catalog.NumberOf(name)] = value;
        }

        return new() { SensorId = stored.SensorId, Timestamp = stored.Order.Timestamp, Values = values };
    }

    /// <summary>Ends when the process is asked to stop.</summary>
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
                Console.WriteLine(line.Next(ingest.GetStatus(), producer.IsHolding ? LiveSampler.SensorsAreHeldBack : null));
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C or SIGTERM.
        }
    }
}
