using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>Orleans' own membership table over a database, as each silo has one, and what goes into it.</summary>
internal static class MembershipTables
{
    private static readonly ServiceProvider NoServices = new ServiceCollection().BuildServiceProvider();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>With the milliseconds that the provider keeps.</summary>
    public static readonly DateTime Now = new(2026, 11, 24, 10, 0, 0, 125, DateTimeKind.Utc);

    public static async Task<IMembershipTable> OpenAsync(NpgsqlDataSource database, string cluster = "one")
    {
        var table = new AdoNetClusteringTable(
            NoServices,
            Options.Create(new ClusterOptions { ClusterId = cluster, ServiceId = "tests" }),
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = MigratedDatabase.Invariant, DataSource = database }),
            NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTableAsync(true, Stop);
        return table;
    }

    public static async Task<IList<Uri>> GatewaysAsync(NpgsqlDataSource database, string cluster = "one")
    {
        var provider = new AdoNetGatewayListProvider(
            NullLogger<AdoNetGatewayListProvider>.Instance,
            NoServices,
            Options.Create(new AdoNetClusteringClientOptions { Invariant = MigratedDatabase.Invariant, DataSource = database }),
            Options.Create(new GatewayOptions()),
            Options.Create(new ClusterOptions { ClusterId = cluster, ServiceId = "tests" }));
        await provider.InitializeGatewayListProvider();
        return await provider.GetGateways();
    }

    public static MembershipEntry Member(
        int number, SiloStatus status = SiloStatus.Active, DateTime? alive = null, int gateway = 30000, DateTime? started = null) => new()
        {
            SiloAddress = SiloAddress.New(IPAddress.Parse("10.0.0.7"), 11000, number),
            SiloName = $"silo {number}",
            HostName = "host-ö",
            Status = status,
            ProxyPort = gateway,
            StartTime = started ?? Now.AddHours(-1),
            IAmAliveTime = alive ?? Now,
        };

    public static async Task<bool> InsertAsync(this IMembershipTable table, MembershipEntry silo) =>
        await table.InsertRowAsync(silo, (await table.ReadAllAsync(Stop)).Version.Next(), Stop);

    /// <summary>As Orleans does it: the version of the table stands for that of the row, too.</summary>
    public static Task<bool> UpdateAsync(this IMembershipTable table, MembershipEntry silo, TableVersion next) =>
        table.UpdateRowAsync(silo, next.VersionEtag, next, Stop);

    public static async Task<MembershipEntry> ReadAsync(this IMembershipTable table, MembershipEntry silo) =>
        Assert.Single((await table.ReadRowAsync(silo.SiloAddress, Stop)).Members).Item1;

    /// <summary>All that is kept of a silo, to be compared.</summary>
    public static string Describe(this MembershipEntry silo) => string.Join(
        ' ',
        silo.SiloAddress, silo.SiloName, silo.HostName, silo.Status, silo.ProxyPort, Text(silo.StartTime), Text(silo.IAmAliveTime),
        string.Join(", ", (silo.SuspectTimes ?? []).Select(suspicion => $"{suspicion.Item1} {Text(suspicion.Item2)}")));

    /// <summary>Without the kind, which the provider forgets for suspicions.</summary>
    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}
