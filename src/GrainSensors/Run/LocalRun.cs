using System.Net;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Sensors;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Maintenance;
using GrainSensors.Hosting.Notifications;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Invocation;
using GrainSensors.Mqtt.Embedded;
using GrainSensors.Storage;
using GrainSensors.Storage.Sensors;
using GrainSensors.Terminal;
using GrainSensors.Web;
using GrainSensors.Web.Console;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GrainSensors.Run;

/// <summary>Broker, silo, simulated sensors and console in this process, from the start to Ctrl-C.</summary>
internal static class LocalRun
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(1);

    /// <param name="isEmpty">Whether a new store starts without a past.</param>
    public static Task<int> RunAsync(
        IReadOnlyDictionary<string, string?> overrides, bool isEmpty, CancellationToken cancellationToken) =>
        InterruptedStart.SucceedsAsync(token => RunToEndAsync(overrides, isEmpty, token), cancellationToken);

    private static async Task<int> RunToEndAsync(
        IReadOnlyDictionary<string, string?> overrides, bool isEmpty, CancellationToken cancellationToken)
    {
        var isLive = LiveView.IsPossible;
        using var log = isLive && !Console.IsErrorRedirected ? new LiveLog(Console.Error, TimeProvider.System) : null;
        var (settings, opened, isNew) = await RunStore.OpenAsync(overrides, isEmpty, log, cancellationToken);
        await using var store = opened;
        using var port = PortReservation.TakeHttpOrFree(settings.Http);
        await StoredKeys.LoadAsync(settings.Access, store, cancellationToken);
        settings.Access.RequireSafeAddress();
        var windows = $"{Describe(settings.Periods)} in {store.Description}";
        Console.WriteLine($"Windows   {windows}, written every {settings.Ingest.FlushInterval.TotalSeconds:0.#} s");
        var past = await RegisterAsync(settings, store, isNew, cancellationToken);
        using var broker = EmbeddedKafka.Start(settings);
        settings = EmbeddedKafka.Connect(settings, broker);
        await using var host = Build(settings, store, port, past, log);

        // The simulated sensors may produce before the start is complete, so it ends by stopping, not by being cancelled.
        cancellationToken.ThrowIfCancellationRequested();
        await host.StartAsync(CancellationToken.None);
        await using var mqtt = await LocalMqtt.StartAsync(host, settings.Mqtt.Port);
        await using var stop = cancellationToken.Register(host.Lifetime.StopApplication);
        var page = $"http://{new IPEndPoint(settings.Http.Address, port[0])}{settings.Http.PathBase}/";
        host.Services.GetRequiredService<FirstReading>().Commands = FirstCommands(settings, page, mqtt, broker);
        var isPreferred = settings.Http.Port is not null || port[0] == HttpOptions.DefaultPort;
        Console.WriteLine($"Kafka     {broker.BootstrapServers}, topics {string.Join(", ", settings.AllTopics)}");
        Console.WriteLine($"MQTT      {IPAddress.Loopback}:{mqtt.Port}: {LocalMqtt.ExampleOf(mqtt)}");
        Console.WriteLine($"Sensors   {settings.Sensors} simulated, one reading per second each. Press Ctrl-C to stop.");
        WriteHistory(past);
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

    private static WebApplication Build(
        PipelineSettings settings, IStore store, PortReservation port, IReadOnlyList<RegisteredSensor>? past, LiveLog? log) =>
        PipelineWebHost.Build(
            settings,
            store,
            port,
            services => services
                .AddHostedService<StoreMaintenance>()
                .AddSensorLog()
                .AddWebhook(settings.Monitor.Webhook)
                .AddNotifier()
                .AddHostedService(s => ActivatorUtilities.CreateInstance<SimulationService>(
                    s, settings.Sensors, (CancellationToken stop) => ProduceAsync(past, s, stop))),
            log);

    private static void WriteHistory(IReadOnlyList<RegisteredSensor>? past)
    {
        if (past is not null)
        {
            var sensors = Plural.Of(past.Count, "sensor");
            Console.WriteLine($"History   the last 24 hours of {sensors} follow within seconds; --empty starts without");
        }
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

    private static List<(string Door, string Command)> FirstCommands(
        PipelineSettings settings, string page, EmbeddedMqttBroker mqtt, EmbeddedBroker kafka)
    {
        const string Reading = """{\"sensor_id\":99,\"timestamp\":$(date +%s),\"temperature\":21.5}""";
        var key = settings.Access.IsOpen ? "" : "-H \"Authorization: Bearer $GRAINSENSORS_KEY\" ";
        return
        [
            ("HTTP", $"curl {key}--json \"{Reading}\" {page}api/v1/readings"),
            ("MQTT", LocalMqtt.ExampleOf(mqtt)),
            ("Kafka", $"echo \"{Reading}\" | kcat -P -b {kafka.BootstrapServers} -t {settings.Kafka.Topic}"),
        ];
    }

    private static string Describe(PeriodSettings periods) => periods.Pane == periods.Contract
        ? $"{periods.Contract}"
        : $"{periods.Contract} and {periods.Pane}";

    /// <returns>The sensors that get a past; null: none.</returns>
    private static async Task<IReadOnlyList<RegisteredSensor>?> RegisterAsync(
        PipelineSettings settings, IStore store, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew)
        {
            var now = EpochTime.Now(TimeProvider.System);
            return await ExampleFleet.RegisterWithFaultsAsync(store, settings.Sensors, now, settings.Measurements, cancellationToken);
        }

        await ExampleFleet.RegisterAsync(store, settings.Sensors, cancellationToken);
        return null;
    }

    private static Task ProduceAsync(IReadOnlyList<RegisteredSensor>? past, IServiceProvider services, CancellationToken stop)
    {
        if (past is null)
        {
            return Task.CompletedTask;
        }

        var seed = services.GetRequiredService<IOptions<SimulationOptions>>().Value.Seed;
        var day = new FirstDay(past, services.GetRequiredService<MeasurementSet>(), seed, services.GetRequiredService<TimeProvider>());
        return day.ProduceAsync(services.GetRequiredService<BulkReadingProducer>(), stop);
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
