using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Hosting.Status;

/// <summary>Asks a cluster how it stands, as a client that finds its silos in the database.</summary>
internal static class ClusterReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="UsageException">No silo of the cluster can be reached.</exception>
    public static async Task<SiloReport[]> ReadAsync(ClusterSettings settings, NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client.UseCluster(settings, dataSource));
        using var host = builder.Build();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await host.StartAsync(patience.Token);
            return await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IClusterStatusGrain>(0).GetReports().WaitAsync(patience.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is OrleansException or OperationCanceledException or TimeoutException)
        {
            throw new UsageException(
                $"No silo of the cluster \"{settings.ClusterId}\" answers; start one with `grainsensors silo`, "
                + "or check Orleans:ClusterId and that the silos' AdvertisedAddress can be reached from here.", e);
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
            // Whoever never got in need not take leave.
        }
    }
}
