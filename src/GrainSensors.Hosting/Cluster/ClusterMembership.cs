using System.Net;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;

namespace GrainSensors.Hosting.Cluster;

/// <summary>Makes a silo a member of a cluster whose membership, grain state and reminders are in PostgreSQL.</summary>
internal static class ClusterMembership
{
    private const string Invariant = "Npgsql";

    private const int MissedProbes = 3;

    /// <summary>
    /// After three of these without a sign of life a silo that joins need not reach a member: so long does a cluster
    /// that died as a whole keep its own successor waiting.
    /// </summary>
    private static readonly TimeSpan SignOfLifeInterval = TimeSpan.FromSeconds(5);

    /// <summary>Nobody tells a silo that it was declared dead while it was frozen; it reads so.</summary>
    private static readonly TimeSpan TableRefreshInterval = TimeSpan.FromSeconds(5);

    public static void UseCluster(this ISiloBuilder silo, ClusterSettings settings, IPAddress address, NpgsqlDataSource dataSource)
    {
        silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        silo.AddCompactAdoNetGrainStorage(dataSource);
        silo.UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, settings.ServiceId));
        silo.Configure<SiloOptions>(options => options.SiloName = $"{Environment.MachineName}:{settings.SiloPort}");
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = address;
            options.SiloPort = settings.SiloPort;
            options.GatewayPort = settings.GatewayPort;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = settings.ProbeInterval;

            // Orleans would stretch the interval up to four times, and counts nobody dead who was heard of within three of
            // the longest: a silo that freezes with its connections open would keep its grains for 24 s instead of 6 s.
            options.MaxProbeTimeout = settings.ProbeInterval;
            options.NumMissedProbesLimit = MissedProbes;
            options.IAmAliveTablePublishTimeout = SignOfLifeInterval;
            options.TableRefreshTimeout = TableRefreshInterval;
        });
        silo.Services.AddSingleton<IFatalErrorHandler, Eviction>();
    }

    public static void UseCluster(this IClientBuilder client, ClusterSettings settings, NpgsqlDataSource dataSource)
    {
        client.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, settings.ServiceId));
    }
}
