using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Ports;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Invocation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Silo;

/// <summary>Runs a silo from its start to its end. It stops within a bounded time even when the servers are unavailable.</summary>
internal static class SiloRun
{
    /// <summary>
    /// Orleans applies its shutdown timeout to the graceful stop only, and then retries an unavailable membership table for
    /// another 20 s. All that can be written is written by then.
    /// </summary>
    private static readonly TimeSpan StopPatience = PipelineHost.ShutdownTimeout + TimeSpan.FromSeconds(1);

    /// <summary>A silo whose start failed retries an unavailable membership table for a minute.</summary>
    private static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(5);

    /// <summary>A silo that is told to stop while it joins the cluster may complete that, to leave in order.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    /// <exception cref="UsageException">A server or a setting is missing, or a server failed while the silo joined the cluster.</exception>
    public static Task<int> RunAsync(PipelineSettings settings, CancellationToken cancellationToken) =>
        InterruptedStart.SucceedsAsync(token => RunToEndAsync(settings, token), cancellationToken);

    private static async Task<int> RunToEndAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        settings.Kafka.RequireAddress();
        await using var database = ClusterDatabase.Open(settings);
        await StoredKeys.RequireSafeAddressAsync(settings.Access, database.Store, cancellationToken);
        var address = await ClusterAddress.ResolveAsync(settings.Silo, cancellationToken);
        using var ports = PortReservation.Take(
            address, (settings.Silo.SiloPort, "Silo:SiloPort"), (settings.Silo.GatewayPort, "Silo:GatewayPort"));
        using var httpPort = PortReservation.TakeHttp(settings.Http);
        settings = settings with { Silo = settings.Silo with { SiloPort = ports[0], GatewayPort = ports[1] } };
        using var logging = StoreFactory.Logging(null);
        await KafkaPreparation.EnsureTopicsAsync(
            settings.Kafka, [.. settings.AllTopics.Except(settings.Kafka.AllTopics)], logging.CreateLogger(typeof(KafkaPreparation)))
            .WaitAsync(cancellationToken);
        await database.Store.PrepareAsync(cancellationToken);
        await database.Store.SetPeriodAsync(settings.Periods.Contract, cancellationToken);
        await database.Store.MergedWindows.SetPeriodsAsync(cancellationToken);
        await StoredKeys.LoadAsync(settings.Access, database.Store, cancellationToken);
        var host = SiloHost.Build(settings, database, address, ports, httpPort);
        try
        {
            await StartAsync(host, settings, database, cancellationToken);
            Describe(host, settings, database, address);
            return await UntilStoppedAsync(host, cancellationToken);
        }
        finally
        {
            await Task.WhenAny(host.DisposeAsync().AsTask(), Task.Delay(DisposePatience, CancellationToken.None));
        }
    }

    private static async Task StartAsync(
        WebApplication host, PipelineSettings settings, ClusterDatabase database, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var patience = new CancellationTokenSource();
        await using var asked = cancellationToken.Register(() => patience.CancelAfter(StartPatience));
        try
        {
            await JoinCheckAsync(host, settings, cancellationToken);
            await host.StartAsync(patience.Token);
        }
        catch (Exception e) when (e is OrleansException || e.GetBaseException()
            is NpgsqlException or SocketException or EndOfStreamException or TimeoutException)
        {
            var cause = (e.GetBaseException() as PostgresException)?.MessageText ?? e.Message;
            throw new UsageException(
                $"This silo could not join the cluster in {database.Store.Description}: {cause.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }
    }

    /// <summary>Silos that cannot talk to a new one take it for frozen: they declare it dead, and it cannot know why.</summary>
    private static async Task JoinCheckAsync(WebApplication host, PipelineSettings settings, CancellationToken cancellationToken)
    {
        var membership = host.Services.GetRequiredService<IMembershipTable>();
        await membership.InitializeMembershipTableAsync(tryInitTableVersion: true, cancellationToken);
        var members = (await membership.ReadAllAsync(cancellationToken)).Members.Select(member => member.Item1);
        var silos = members.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress.Endpoint);
        if (await TlsMismatch.DescribeAsync(silos, ClusterTls.ReadForSilo(settings.Silo.Tls), cancellationToken) is { } mismatch)
        {
            throw new OrleansException(mismatch);
        }
    }

    private static async Task<int> UntilStoppedAsync(WebApplication host, CancellationToken cancellationToken)
    {
        var ingest = host.Services.GetRequiredService<IngestService>();
        var stopped = host.WaitForShutdownAsync(cancellationToken);
        await Task.WhenAny(StoppingAsync(host), ingest.Ended);
        var failure = ingest.Ended is { IsCompletedSuccessfully: true } ended ? await ended : null;
        await StopAsync(host, stopped);
        if (failure is not null)
        {
            return ExitCodes.Evicted;
        }

        Console.WriteLine(ingest.IsDrained
            ? "Stopped. All readings are in the store."
            : "Stopped. The next owner of the partitions reads unwritten readings again from Kafka.");
        return ExitCodes.Success;
    }

    /// <summary>Completes when the host begins to stop.</summary>
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
            Console.Error.WriteLine(
                "This silo could not leave the cluster in time and exits now. "
                + "The next owner of its partitions reads unwritten readings again from Kafka.");
            Environment.Exit(ExitCodes.CouldNotRun);
        }
    }

    private static void Describe(WebApplication host, PipelineSettings settings, ClusterDatabase database, IPAddress address)
    {
        var page = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var member = settings.Silo;
        var endPoint = new IPEndPoint(address, member.SiloPort);
        Console.WriteLine($"Cluster   {settings.Cluster.ClusterId}, this silo {endPoint}, gateway port {member.GatewayPort}");
        Console.WriteLine($"Kafka     {settings.Kafka.BootstrapServers}, topics {string.Join(", ", settings.AllTopics)}");
        var windows = $"{settings.Ingest.Period} in {database.Store.Description}";
        Console.WriteLine($"Windows   {windows}, written every {settings.Ingest.FlushInterval.TotalSeconds:0.#} s");
        var console = $"{page}{settings.Http.PathBase}/";
        Console.WriteLine($"Console   {console}, dashboard at /dashboard, health at /health/ready. Press Ctrl-C to stop.");
    }
}
