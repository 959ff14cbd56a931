using System.Net;
using GrainSensors.Hosting.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>A silo that has its cluster, its grains' states and its reminders in a database.</summary>
internal sealed class AdoNetSilo : IAsyncDisposable
{
    /// <summary>The storage that keeps a row, with its version, of a state that was cleared.</summary>
    public const string Keeping = "keeping";

    /// <summary>The storage that deletes the row of a state that was cleared.</summary>
    public const string Deleting = "deleting";

    private readonly IHost _host;

    private AdoNetSilo(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IReminderTable Reminders => Services.GetRequiredService<IReminderTable>();

    public IGrainStorage Storage(string name) => Services.GetRequiredKeyedService<IGrainStorage>(name);

    public static async Task<AdoNetSilo> StartAsync(NpgsqlDataSource database, string name = "first")
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            var ports = PortReservation.TakeFree(2);
            ports.HandOver(silo);
            silo.ConfigureEndpoints(IPAddress.Loopback, ports[0], ports[1]);
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("adonet", "tests"));
            silo.Configure<SiloOptions>(options => options.SiloName = name);
            silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (MigratedDatabase.Invariant, database));
            silo.UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (MigratedDatabase.Invariant, database));
            silo.AddAdoNetGrainStorage(
                Keeping, options => (options.Invariant, options.DataSource) = (MigratedDatabase.Invariant, database));
            silo.AddAdoNetGrainStorage(Deleting, options =>
            {
                (options.Invariant, options.DataSource) = (MigratedDatabase.Invariant, database);
                options.DeleteStateOnClear = true;
            });
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
