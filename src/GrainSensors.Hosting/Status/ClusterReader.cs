using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Messaging;

namespace GrainSensors.Hosting.Status;

/// <summary>Reads the status of a cluster, as a client that finds the silos in the database.</summary>
internal static class ClusterReader
{
    /// <summary>A machine that is busy answers late; one that is not there is known sooner.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <exception cref="UsageException">No silo of the cluster can be reached.</exception>
    public static async Task<SiloReport[]> ReadAsync(
        ClusterIdentityOptions cluster, MemberTlsOptions tlsOptions, NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var tls = ClusterTls.ReadForClient(tlsOptions);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client.UseCluster(cluster, tls, dataSource));
        using var host = builder.Build();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await host.StartAsync(timeout.Token);
            var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IClusterStatusGrain>(0);
            return await grain.GetReports().WaitAsync(timeout.Token);
        }
        catch (Exception e) when (
            !cancellationToken.IsCancellationRequested && e is OrleansException or OperationCanceledException or TimeoutException)
        {
            var gateways = await host.Services.GetRequiredService<IGatewayListProvider>().GetGateways();
            var mismatch = await TlsMismatch.DescribeAsync(gateways.Select(uri => uri.ToIPEndPoint()!), tls, cancellationToken);
            throw new UsageException(
                $"No silo of the cluster \"{cluster.ClusterId}\" answers"
                + (mismatch is null
                    ? ". Start one with `grainsensors silo`, or check Orleans:ClusterId and that this machine reaches the "
                        + "AdvertisedAddress of the silos."
                    : $": {mismatch}"),
                e);
        }
        finally
        {
            await StopAsync(host);
        }
    }

    private static async Task StopAsync(IHost host)
    {
        try
        {
            await host.StopAsync(CancellationToken.None);
        }
        catch (OrleansException)
        {
            // The client was never connected.
        }
    }
}
