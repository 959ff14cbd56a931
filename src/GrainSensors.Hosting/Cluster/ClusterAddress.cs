using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Cluster;

/// <summary>The address at which other silos and clients reach this silo.</summary>
internal static class ClusterAddress
{
    /// <summary>Resolves <see cref="MemberOptions.AdvertisedAddress"/>.</summary>
    /// <exception cref="UsageException">The name is unknown.</exception>
    public static async Task<IPAddress> ResolveAsync(MemberOptions options, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(options.AdvertisedAddress, out var address))
        {
            return address;
        }

        try
        {
            // Silos talk to each other by one family; IPv4 wins where a name has both.
            var found = await Dns.GetHostAddressesAsync(options.AdvertisedAddress, cancellationToken);
            return found.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
        }
        catch (Exception e) when (e is SocketException or ArgumentException or InvalidOperationException)
        {
            throw new UsageException(
                $"{MemberOptions.Section}:AdvertisedAddress must be an address or a known name of this machine; "
                + $"got \"{options.AdvertisedAddress}\", which has no address.", e);
        }
    }
}
