using GrainSensors.Contracts.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;

namespace GrainSensors.Benchmarks.Product;

/// <summary>Asks the silos of a database how far they are.</summary>
internal sealed class ClusterClient : IAsyncDisposable
{
    private const string Cluster = "grainsensors";

    private readonly IHost _host;
    private readonly IClusterStatusGrain _status;

    private ClusterClient(IHost host)
    {
        _host = host;
        _status = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IClusterStatusGrain>(0);
    }

    public static async Task<ClusterClient> ConnectAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client
            .UseAdoNetClustering(options => (options.Invariant, options.DataSource) = ("Npgsql", database))
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Cluster, Cluster)));
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new(host);
    }

    public Task<SiloReport[]> ReportsAsync() => _status.GetReports();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync();
        }
        catch (OrleansException)
        {
            // The silos are gone by then.
        }

        _host.Dispose();
    }
}
