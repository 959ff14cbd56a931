using GrainSensors.Contracts.Cluster;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;

namespace GrainSensors.Benchmarks.Product;

/// <summary>Asks the silos of a database how far they are.</summary>
internal sealed class ClusterClient(NpgsqlDataSource database) : IAsyncDisposable
{
    private const string Cluster = "grainsensors";

    private IHost? _host;

    /// <summary>Of Orleans itself.</summary>
    public IManagementGrain Management => Grains.GetGrain<IManagementGrain>(0);

    /// <summary>Those of a sensor.</summary>
    public IWindowGrain Windows(int sensor, Period period) => Grains.GetGrain<IWindowGrain>(sensor, period.ToString());

    private IGrainFactory Grains => _host!.Services.GetRequiredService<IGrainFactory>();

    /// <summary>To be called once there is a silo.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client
            .UseAdoNetClustering(options => (options.Invariant, options.DataSource) = ("Npgsql", database))
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Cluster, Cluster)));
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
    }

    public Task<SiloReport[]> ReportsAsync() => Grains.GetGrain<IClusterStatusGrain>(0).GetReports();

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
        {
            return;
        }

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
