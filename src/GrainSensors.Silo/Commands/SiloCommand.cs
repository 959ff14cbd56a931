using System.CommandLine;
using System.Globalization;
using System.Net;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Silo.Cluster;
using GrainSensors.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Silo.Commands;

/// <summary><c>silo</c>: a member of a cluster that shares one Kafka and one PostgreSQL.</summary>
internal static class SiloCommand
{
    /// <summary>
    /// Orleans takes its time-out for a graceful stop only, and then asks a membership table that is away for 20 s more.
    /// What could be made durable is by then.
    /// </summary>
    private static readonly TimeSpan StopPatience = PipelineHost.ShutdownTimeout + TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var kafka = CommonOptions.Kafka("Kafka's bootstrap servers");
        var postgres = CommonOptions.Postgres();
        var period = CommonOptions.Period();
        var address = new Option<string?>("--address") { HelpName = "ADDRESS", Description = "Where other silos reach this one [default: 127.0.0.1]" };
        var siloPort = Port("--silo-port", $"For other silos, 0 for any free one [default: {MemberOptions.DefaultSiloPort}]");
        var gatewayPort = Port("--gateway-port", $"For clients of the cluster, 0 for any free one [default: {MemberOptions.DefaultGatewayPort}]");
        var httpAddress = new Option<string?>("--http-address") { HelpName = "ADDRESS", Description = "Where to serve health and dashboard [default: 127.0.0.1]" };
        var httpPort = Port("--http-port", $"0 for any free one [default: {HttpOptions.DefaultPort}]");
        var insecure = new Option<bool>("--insecure") { Description = "Show the dashboard to other machines too; there is no log-in" };
        var command = new Command(
            "silo",
            """
            Run a member of a cluster. Start as many as you like, on as many machines, with the same Kafka and the same
            PostgreSQL: they find each other in the database, share the partitions of the readings' topic, and take over
            what a member leaves or loses. SIGTERM or Ctrl-C makes everything durable and hands over.

            Serves /health/live, /health/ready, /health/startup, and the Orleans dashboard at /dashboard.
            """)
        {
            kafka, postgres, period, address, siloPort, gatewayPort, httpAddress, httpPort, insecure,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            PipelineSettings.Load(CommonOptions.Overrides(
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Postgres:ConnectionString", result.GetValue(postgres)),
                ("Period", result.GetValue(period)),
                ("Silo:AdvertisedAddress", result.GetValue(address)),
                ("Silo:SiloPort", Text(result.GetValue(siloPort))),
                ("Silo:GatewayPort", Text(result.GetValue(gatewayPort))),
                ("Http:Address", result.GetValue(httpAddress)),
                ("Http:Port", Text(result.GetValue(httpPort))),
                ("Http:Insecure", result.GetValue(insecure) ? "true" : null))),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Kafka.BootstrapServers.Length == 0)
        {
            throw new UsageException($"A silo needs a Kafka; give --kafka HOST:PORT or set {PipelineOptions.Section}:Kafka:BootstrapServers. `grainsensors run` needs none.");
        }

        settings.Ingest.Retention = settings.Retention;
        var address = await settings.Cluster.ResolveAddressAsync(cancellationToken);
        settings = settings with { Cluster = WithPorts(settings.Cluster, address) };
        await using var database = ClusterDatabase.Open(settings);
        using var logging = Stores.Logging(null);
        await KafkaPreparation.EnsureTopicsAsync(settings.Kafka, logging.CreateLogger(typeof(KafkaPreparation)));
        await database.Store.PrepareAsync(cancellationToken);
        await database.Store.SetPeriodAsync(settings.Ingest.Period, cancellationToken);
        await using var host = SiloHost.Build(settings, database, address);
        await host.StartAsync(cancellationToken);
        Describe(host, settings, database, address);

        var ingest = host.Services.GetRequiredService<IngestService>();
        var stopped = host.WaitForShutdownAsync(cancellationToken);
        await Task.WhenAny(StoppingAsync(host), ingest.Ended);
        var defect = ingest.Ended is { IsCompletedSuccessfully: true } ended ? await ended : null;
        await StopAsync(host, stopped);
        if (defect is not null)
        {
            return ExitCodes.Evicted;
        }

        System.Console.WriteLine(ingest.IsDrained
            ? "Stopped; everything is in the store."
            : "Stopped; what had not reached the store is read again from Kafka by whoever has the partitions next.");
        return ExitCodes.Success;
    }

    /// <summary>Completes when the host is told to stop.</summary>
    private static Task StoppingAsync(WebApplication host)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task;
    }

    private static async Task StopAsync(WebApplication host, Task stopped)
    {
        host.Lifetime.StopApplication();
        try
        {
            await stopped.WaitAsync(StopPatience);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            System.Console.Error.WriteLine("This silo could not leave the cluster in time and ends at once; what it could not make durable is read again from Kafka.");
            Environment.Exit(ExitCodes.CouldNotRun);
        }
    }

    private static ClusterSettings WithPorts(ClusterSettings cluster, IPAddress address)
    {
        var ports = Ports.Resolve(address, (cluster.SiloPort, "Silo:SiloPort"), (cluster.GatewayPort, "Silo:GatewayPort"));
        Ports.Resolve(cluster.HttpAddress, (cluster.HttpPort, "Http:Port"));
        return cluster with { SiloPort = ports[0], GatewayPort = ports[1] };
    }

    private static void Describe(WebApplication host, PipelineSettings settings, ClusterDatabase database, IPAddress address)
    {
        var page = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var cluster = settings.Cluster;
        System.Console.WriteLine($"Cluster   {cluster.ClusterId}, this silo {new IPEndPoint(address, cluster.SiloPort)}, gateway {cluster.GatewayPort}");
        System.Console.WriteLine($"Kafka     {settings.Kafka.BootstrapServers}, topics {settings.Kafka.Topic}, {settings.Kafka.LogTopic}, {settings.Kafka.DeadLetterTopic}");
        System.Console.WriteLine($"Windows   {settings.Ingest.Period} in {database.Store.Description}, written every {settings.Ingest.CheckpointInterval.TotalSeconds:0.#} s");
        System.Console.WriteLine($"Pages     {page}/health/ready, {page}/dashboard. Ctrl-C stops.");
    }

    private static Option<int?> Port(string name, string description) => new(name) { HelpName = "PORT", Description = description };

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
