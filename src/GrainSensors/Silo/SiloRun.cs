using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Silo;

/// <summary>A silo from its start to its end, which comes in a time that is known even when the servers are away.</summary>
internal static class SiloRun
{
    /// <summary>
    /// Orleans takes its time-out for a graceful stop only, and then asks a membership table that is away for 20 s more.
    /// What could be made durable is by then.
    /// </summary>
    private static readonly TimeSpan StopPatience = PipelineHost.ShutdownTimeout + TimeSpan.FromSeconds(1);

    /// <summary>A silo whose start has failed asks such a table for a minute whether it may be dead.</summary>
    private static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(5);

    /// <exception cref="UsageException">What it needs is not there, or went away while it joined the cluster.</exception>
    public static async Task<int> RunAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Kafka.BootstrapServers.Length == 0)
        {
            throw new UsageException($"A silo needs a Kafka; give --kafka HOST:PORT or set {PipelineOptions.Section}:Kafka:BootstrapServers. `grainsensors run` needs none.");
        }

        settings.Cluster.Access.RequireSafeAddress();
        settings.Ingest.Retention = settings.Retention;
        settings.Ingest.FollowsReadings = settings.Telemetry.Traces;
        var address = await settings.Cluster.ResolveAddressAsync(cancellationToken);
        using var ports = PortReservation.Take(address, (settings.Cluster.SiloPort, "Silo:SiloPort"), (settings.Cluster.GatewayPort, "Silo:GatewayPort"));
        using var pagePort = PagePort.Take(settings.Cluster);
        settings = settings with { Cluster = settings.Cluster with { SiloPort = ports[0], GatewayPort = ports[1] } };
        await using var database = ClusterDatabase.Open(settings);
        using var logging = StoreFactory.Logging(null);
        await KafkaPreparation.EnsureTopicsAsync(settings.Kafka, logging.CreateLogger(typeof(KafkaPreparation)));
        await database.Store.PrepareAsync(cancellationToken);
        await database.Store.SetPeriodAsync(settings.Ingest.Period, cancellationToken);
        var host = SiloHost.Build(settings, database, address, ports, pagePort);
        try
        {
            await StartAsync(host, database, cancellationToken);
            Describe(host, settings, database, address);
            return await UntilStoppedAsync(host, cancellationToken);
        }
        finally
        {
            await Task.WhenAny(host.DisposeAsync().AsTask(), Task.Delay(DisposePatience, CancellationToken.None));
        }
    }

    private static async Task StartAsync(WebApplication host, ClusterDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is OrleansException || e.GetBaseException() is NpgsqlException or SocketException or EndOfStreamException or TimeoutException)
        {
            var cause = (e.GetBaseException() as PostgresException)?.MessageText ?? e.Message;
            throw new UsageException($"This silo could not join the cluster in {database.Store.Description}: {cause.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }
    }

    private static async Task<int> UntilStoppedAsync(WebApplication host, CancellationToken cancellationToken)
    {
        var ingest = host.Services.GetRequiredService<IngestService>();
        var stopped = host.WaitForShutdownAsync(cancellationToken);
        await Task.WhenAny(StoppingAsync(host), ingest.Ended);
        var defect = ingest.Ended is { IsCompletedSuccessfully: true } ended ? await ended : null;
        await StopAsync(host, stopped);
        if (defect is not null)
        {
            return ExitCodes.Evicted;
        }

        Console.WriteLine(ingest.IsDrained
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
            Console.Error.WriteLine("This silo could not leave the cluster in time and ends at once; what it could not make durable is read again from Kafka.");
            Environment.Exit(ExitCodes.CouldNotRun);
        }
    }

    private static void Describe(WebApplication host, PipelineSettings settings, ClusterDatabase database, IPAddress address)
    {
        var page = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var cluster = settings.Cluster;
        Console.WriteLine($"Cluster   {cluster.ClusterId}, this silo {new IPEndPoint(address, cluster.SiloPort)}, gateway {cluster.GatewayPort}");
        Console.WriteLine($"Kafka     {settings.Kafka.BootstrapServers}, topics {string.Join(", ", settings.Kafka.AllTopics)}");
        Console.WriteLine($"Windows   {settings.Ingest.Period} in {database.Store.Description}, written every {settings.Ingest.CheckpointInterval.TotalSeconds:0.#} s");
        Console.WriteLine($"Console   {page}/, dashboard at /dashboard, health at /health/ready. Ctrl-C stops.");
    }
}
