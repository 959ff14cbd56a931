using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The cluster that a silo belongs to, and its place in it, checked.</summary>
/// <param name="ClusterId">Silos with the same one find each other; another one is another cluster in the same database.</param>
/// <param name="ServiceId">Whose grain state and reminders these are; outlives clusters.</param>
/// <param name="IsHttpPortGiven">It is not just the default.</param>
/// <param name="AdvertisedAddress">See <see cref="MemberOptions.AdvertisedAddress"/>.</param>
internal sealed record ClusterSettings(
    string ClusterId, string ServiceId, string AdvertisedAddress, int SiloPort, int GatewayPort, TimeSpan ProbeInterval, IPAddress HttpAddress, int HttpPort, bool IsHttpPortGiven, AccessRules Access, bool HasDashboard)
{
    /// <summary>The keys that Orleans itself reads are of its own section.</summary>
    private const string OrleansSection = "Orleans";

    /// <summary>A pause of the garbage collector must not kill a silo.</summary>
    private static readonly TimeSpan MinProbeInterval = TimeSpan.FromMilliseconds(500);

    /// <exception cref="ArgumentException">With a sentence that names the key and the cure.</exception>
    public static ClusterSettings From(IConfiguration configuration, PipelineOptions options)
    {
        Port(options.Silo.SiloPort, "Silo:SiloPort");
        Port(options.Silo.GatewayPort, "Silo:GatewayPort");
        Port(options.Http.Port ?? HttpOptions.DefaultPort, "Http:Port");
        var httpAddress = IPAddress.TryParse(options.Http.Address, out var parsed) ? parsed : throw new ArgumentException(
            $"{PipelineOptions.Section}:Http:Address is \"{options.Http.Address}\"; give an IP address of this machine, or 0.0.0.0 for all.");
        return new(
            Id(configuration, "ClusterId"),
            Id(configuration, "ServiceId"),
            options.Silo.AdvertisedAddress,
            options.Silo.SiloPort,
            options.Silo.GatewayPort,
            options.Silo.ProbeInterval >= MinProbeInterval ? options.Silo.ProbeInterval : throw new ArgumentException(
                $"{PipelineOptions.Section}:Silo:ProbeInterval is {options.Silo.ProbeInterval}; give at least {MinProbeInterval}."),
            httpAddress,
            options.Http.Port ?? HttpOptions.DefaultPort,
            options.Http.Port is not null,
            AccessRules.From(options.Http, httpAddress),
            options.Http.Dashboard);
    }

    /// <summary>Looks the name up.</summary>
    /// <exception cref="UsageException">It is unknown.</exception>
    public async Task<IPAddress> ResolveAddressAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(AdvertisedAddress, out var address))
        {
            return address;
        }

        try
        {
            // The silos speak to each other by one family; IPv4 where a name has both.
            var found = await Dns.GetHostAddressesAsync(AdvertisedAddress, cancellationToken);
            return found.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
        }
        catch (Exception e) when (e is SocketException or ArgumentException or InvalidOperationException)
        {
            throw new UsageException(
                $"{PipelineOptions.Section}:Silo:AdvertisedAddress is \"{AdvertisedAddress}\", which has no address; give one of this machine's.", e);
        }
    }

    private static void Port(int port, string key)
    {
        if (port is < 0 or > 65535)
        {
            throw new ArgumentException($"{PipelineOptions.Section}:{key} is {port}; give a port from 1 to 65535, or 0 for any free one.");
        }
    }

    private static string Id(IConfiguration configuration, string key)
    {
        var id = configuration[$"{OrleansSection}:{key}"] ?? "grainsensors";
        return id.Length is > 0 and <= 150 ? id : throw new ArgumentException($"{OrleansSection}:{key} has {id.Length} characters; give 1 to 150.");
    }
}
