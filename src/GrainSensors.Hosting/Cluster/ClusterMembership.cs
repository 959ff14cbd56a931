using System.Net;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;
using Orleans.Versions.Compatibility;
using Orleans.Versions.Selector;

namespace GrainSensors.Hosting.Cluster;

/// <summary>Makes a silo a member of a cluster that keeps membership, grain state and reminders in PostgreSQL.</summary>
internal static class ClusterMembership
{
    private const string Invariant = "Npgsql";

    private const int MissedProbes = 3;

    /// <summary>
    /// A silo that joins ignores members whose sign of life is older than three of these intervals. After the loss of the whole
    /// cluster, new silos wait this long.
    /// </summary>
    private static readonly TimeSpan SignOfLifeInterval = TimeSpan.FromSeconds(5);

    /// <summary>A silo that was frozen while the cluster declared it dead learns it from the table only.</summary>
    private static readonly TimeSpan TableRefreshInterval = TimeSpan.FromSeconds(5);

    /// <param name="member">With ports that are not 0.</param>
    public static void UseCluster(
        this ISiloBuilder silo, ClusterIdentityOptions cluster, MemberOptions member, IPAddress address, NpgsqlDataSource dataSource)
    {
        silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        silo.AddCompactAdoNetGrainStorage(dataSource);
        silo.UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        silo.Configure<SiloOptions>(options => options.SiloName = $"{Environment.MachineName}:{member.SiloPort}");
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = address;
            options.SiloPort = member.SiloPort;
            options.GatewayPort = member.GatewayPort;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = member.ProbeInterval;

            // Orleans stretches the interval up to four times by default, and declares no silo dead that was heard of within three of
            // the longest intervals. A silo that freezes with open connections would keep its grains for 24 s instead of 6 s.
            options.MaxProbeTimeout = member.ProbeInterval;
            options.NumMissedProbesLimit = MissedProbes;
            options.IAmAliveTablePublishTimeout = SignOfLifeInterval;
            options.TableRefreshTimeout = TableRefreshInterval;
        });
        silo.Configure<GrainVersioningOptions>(options =>
        {
            // Orleans' defaults, on which rolling upgrades rely. A grain takes calls of older silos. Any silo that understands the caller
            // may have the grain, so the silo that reads a partition keeps its windows. MinimumVersion would gather the grains that old
            // silos call on those that are left, and each of them would move once more.
            options.DefaultCompatibilityStrategy = nameof(BackwardCompatible);
            options.DefaultVersionSelectorStrategy = nameof(AllCompatibleVersions);
        });
        silo.Services.AddSingleton<IFatalErrorHandler, Eviction>();
        if (ClusterTls.ReadForSilo(member.Tls) is { } tls)
        {
            silo.UseTls(tls.Configure);
            silo.Services.AddSingleton(tls);
            silo.Services.AddHostedService<ClusterTlsRefresh>();
        }
    }

    public static void UseCluster(
        this IClientBuilder client, ClusterIdentityOptions cluster, ClusterTls? tls, NpgsqlDataSource dataSource)
    {
        client.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        if (tls is not null)
        {
            client.UseTls(tls.Configure);
        }
    }
}
